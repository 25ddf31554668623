#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/rooms has a row for every room of the sources, and every suite that it or tests/README.md names exists. Prints TAP.

    test-suites.py BUILD"""

import fnmatch
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/machine"))
sys.dont_write_bytecode = True
from checks import finish, report, same  # noqa: E402


def suites(build):
    """The names of all suites, as ./check has them."""
    unit = json.loads((build / "meson-info/intro-tests.json").read_text())
    machines = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").glob("*/*.test")]
    return ["cases"] + [f"unit/{test['name']}" for test in unit] + [str(path.with_suffix("")) for path in machines]


def rooms():
    """The rooms of lib/, helper/ and ctl/, and the programs that are not in a room."""
    names = ["helper", "ctl", "generator", "nixos-module"]
    return names + re.findall(r"^  \['\w+/(\w+)', \[", (ROOT / "meson.build").read_text(), re.M)


def main():
    known = suites(pathlib.Path(sys.argv[1]))
    rows = [line.split() for line in (ROOT / "tests/rooms").read_text().splitlines() if line and line[0] != "#"]
    same("every room has one row in tests/rooms", sorted(row[0] for row in rows), sorted(rooms() + ["every"]))
    for room, *globs in rows:
        missing = [glob for glob in globs if not fnmatch.filter(known, glob)]
        report(globs and not missing, f"every suite in the row of {room} exists", " ".join(missing))
    text = (ROOT / "tests/README.md").read_text()
    patterns = [word for command in re.findall(r"\./check ([^`\n]*)", text) for word in command.split()
                if re.fullmatch(r"[a-z]+/[\w/.-]*", word)]
    missing = [pattern for pattern in patterns if not any(pattern in name for name in known)]
    report(len(patterns) > 25 and not missing, "every ./check command in tests/README.md runs a suite", " ".join(missing))
    table = text.split("## From guarantee to suite", 1)[1].split("\n## ", 1)[0]
    named = [name for row in re.findall(r"^\|(.*)\|$", table, re.M) for name in re.findall(r"`([a-z]+/[a-z*-]+)`", row)]
    missing = [name for name in named if not fnmatch.filter(known, name)]
    report(len(named) > 25 and not missing, "every suite in the table of guarantees exists", " ".join(missing))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
