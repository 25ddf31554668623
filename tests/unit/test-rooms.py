#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds every #include to the table of rooms in meson.build, and the table in docs/design.md to the same. Calls are
held to it by the developer build: see `wall` in meson.build.

usage: test-rooms.py"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ("lib", "helper", "ctl")
MOST_FILES = 35  # in a folder: what a reader takes in at a glance

checks = failures = 0


def report(good, what, why=""):
    global checks, failures
    checks += 1
    failures += not good
    print(f"{'' if good else 'not '}ok {checks} - {what}")
    if not good:
        print("\n".join(f"# {line}" for line in str(why).splitlines()))


def table():
    """The rows of the table, in order: [(program, room, rooms that it may use, its files)]."""
    text = (ROOT / "meson.build").read_text()
    found = re.findall(r"^  \['(\w+)/(\w+)', \[([^]]*)\], \[[^]]*\],\s*\[([^]]*)\]\],$", text, flags=re.M)
    rows = []
    for program, room, used, files in found:
        above = [row[1] for row in rows if row[0] in ("lib", program)]
        rows.append((program, room, above if used == "'*'" else re.findall(r"'(\w+)'", used),
                     re.findall(r"'([^']+)'", files)))
    return rows


def allowed():
    """{folder: rooms that its files may include}, for rooms and for the programs above them."""
    rooms = {program: {room: used for owner, room, used, _ in table() if owner == program} for program in PROGRAMS}
    folders = {f"{program}/{room}": {room, *used} for program in PROGRAMS for room, used in rooms[program].items()}
    folders["helper"] = {*rooms["lib"], *rooms["helper"]}
    folders["ctl"] = {*rooms["lib"], *rooms["ctl"]}
    folders["generator"] = {"basic", "declare"}
    return rooms, folders


def sources(folder):
    return sorted(path for path in (ROOT / folder).iterdir() if path.suffix in (".c", ".h"))


def wrong_includes(folder, may):
    for path in sources(folder):
        name = path.relative_to(ROOT)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            included = re.match(r'#include "([^"]+)"', line)
            if not included or included[1] == "config.h":
                continue
            room, slash, _ = included[1].rpartition("/")
            if slash and room not in may:
                yield f"{name}:{number}: {folder} may not use {room}: {included[1]}"
            elif not slash and "/" in folder:
                yield f"{name}:{number}: '{included[1]}' is not qualified by its room, or lies above {folder}"
            elif not slash and not (path.parent / included[1]).exists():
                yield f"{name}:{number}: there is no {folder}/{included[1]}"


def own_header_is_not_first(folder):
    for path in sources(folder):
        header = path.with_suffix(".h")
        if path.suffix != ".c" or not header.exists():
            continue
        first = re.search(r'^#include (.*)$', path.read_text(), flags=re.M)
        own = f'"{"/".join(header.relative_to(ROOT).parts[1:])}"'
        if first and first[1] != own:
            yield f"{path.relative_to(ROOT)}: the first include is {first[1]}, and not {own}"


def main():
    rooms, folders = allowed()
    built = {f"{program}/{room}": files for program, room, _, files in table()}
    for program in PROGRAMS:
        report(len(rooms[program]) >= 4, f"meson.build has the rooms of {program}/", rooms[program])
        below = set(rooms["lib"]) if program != "lib" else set()
        for room, used in rooms[program].items():
            report(set(used) <= below, f"{program}/{room} uses only rooms below it", sorted(set(used) - below))
            below.add(room)
        found = {path.name for path in (ROOT / program).iterdir() if path.is_dir()}
        report(found == set(rooms[program]), f"each folder of {program}/ is a room", found ^ set(rooms[program]))
    for folder, may in folders.items():
        wrong = list(wrong_includes(folder, may))
        report(not wrong, f"{folder} includes only headers of rooms that it may use", "\n".join(wrong))
        wrong = list(own_header_is_not_first(folder))
        report(not wrong, f"each file of {folder} includes its own header first", "\n".join(wrong))
        count = len(sources(folder))
        report(0 < count <= MOST_FILES, f"{folder} has at most {MOST_FILES} files", count)
        listed = built[folder] if "/" in folder else \
            re.findall(r"'([^']+)\.c'", (ROOT / folder / "meson.build").read_text())
        there = [path.stem for path in sources(folder) if path.suffix == ".c"]
        report(set(there) <= set(listed), f"each file of {folder} is built", set(there) - set(listed))
    listed = re.findall(r"^\| `((?:lib|helper|ctl|generator)[\w/]*)` \|", (ROOT / "docs/design.md").read_text(),
                       flags=re.M)
    report(listed == list(dict.fromkeys(listed)) and set(listed) == set(folders),
           "docs/design.md has the same rooms", set(listed) ^ set(folders))
    print(f"1..{checks}")
    return failures > 0


raise SystemExit(main())
