#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The output of migratectl on terminals of several widths and in a pipe: the overview, tables, colours, the pager,
JSON. Runs on systems that are not running, without root. Prints TAP.

    test-screen.py MIGRATECTL"""

import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

MIGRATECTL = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parents[2] / "docs/json-schema"
sys.path.insert(0, str(HERE.parents[1] / "machine"))
from checks import finish, like, report, same, skip, unlike  # noqa: E402


# --- systems that are not running -----------------------------------------------------------------


class Root:
    """A root directory with services in given conditions."""

    def __init__(self, directory):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=directory))
        self.declarations = self.path / "usr/lib/migrate.d"
        self.declarations.mkdir(parents=True)

    def add(self, name, *lines, stamp=None, at="1", to="3", warn=None, description=None):
        """A service declared at version `to`, with a state at version `at` (None: no state) and a migration."""
        (self.declarations / name).mkdir(exist_ok=True)
        text = ["[State]", f"Directory=/var/lib/{name}", f"Version={to}", *lines]
        (self.declarations / f"{name}.ini").write_text("\n".join(text) + "\n")
        text = ["[Migration]", f"From={at or '1'}", f"To={to}"]
        text += [f"Description={description}"] if description else []
        text += ["[Up]", "Script=/usr/lib/app/up"] + ([f"Warn={warn}"] if warn else [])
        if at in (None, "1"):
            (self.declarations / name / "up.ini").write_text("\n".join(text) + "\n")
        state = self.path / "var/lib" / name
        state.mkdir(parents=True, exist_ok=True)
        if at:
            (state / f".stateversion.{name}={stamp or at}").touch()
        self.store(name).mkdir(parents=True, exist_ok=True)

    def store(self, name):
        return self.path / "var/lib/migrate" / name

    def record(self, name, record, **fields):
        (self.store(name) / record).write_text(json.dumps(fields))

    def history(self, name, *entries):
        with (self.store(name) / "history").open("a") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in entries)

    def backup(self, name, identity, **fields):
        place = self.store(name) / "backups" / identity
        (place / "app").mkdir(parents=True)
        manifest = {"id": identity, "from": "1", "to": "3", "finished": "2026-11-22T09:17:38Z",
                    "bytes": 200 << 20, "files": 3, "generation": "/nix/store/x-system-17",
                    "places": [{"directory": f"/var/lib/{name}", "entry": "app",
                                "base": f"/var/lib/migrate/{name}"}]}
        (place / "manifest").write_text(json.dumps({**manifest, **fields}))


def entry(name, number, **fields):
    identity = f"20261122T0917{number % 60:02}Z-{number:08x}"
    return {"id": identity, "service": name, "from": "1", "to": "3", "result": "done",
            "started": f"2026-11-22T09:17:{number % 60:02}Z",
            "finished": f"2026-11-22T09:17:{number % 60:02}Z", "duration": 3200000, **fields}


KINDS = ["current", "pending", "approval", "failed", "manual", "newer", "half", "invalid",
         "deferred", "fresh", "accepted"]


def add_kind(root, kind, name, number=0):
    if kind == "current":
        root.add(name, at="3")
        root.history(name, entry(name, number))
        root.backup(name, entry(name, number)["id"])
    elif kind == "newer":
        root.add(name, at="4")
    elif kind == "fresh":
        root.add(name, at=None)
    elif kind == "approval":
        root.add(name, "Policy=confirm", warn="there is no way back, and what is written later is lost with it")
    else:
        root.add(name, *{"manual": ["Policy=manual"], "invalid": ["Versio=2"],
                         "accepted": ["Accepts=1"]}.get(kind, []))
    if kind == "failed":
        root.record(name, "failed", **{"from": "1", "to": "3", "finished": "2026-11-22T09:17:38Z",
                                       "reason": "Script=/usr/lib/app/up failed: cannot convert users.db"})
    elif kind == "half":
        root.record(name, "transaction", **{"from": "1", "to": "3", "id": "x"})
    elif kind == "deferred":
        root.record(name, "deferred", when="2026-11-22T09:17:38Z", by="jo", uid=1000, reason="not on a Friday")


def world(directory, n, kinds=KINDS):
    root = Root(directory)
    for i in range(n):
        kind = kinds[i % len(kinds)]
        add_kind(root, kind, f"{kind}-{i}", i)
    return root


# --- running it -----------------------------------------------------------------------------------


def environment(**more):
    base = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm",
            "SYSTEMD_PAGER": "cat"}
    base.update({k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k})
    base.update(more)
    return {k: v for k, v in base.items() if v is not None}


def pipe(root, *arguments, **more):
    run = subprocess.run([MIGRATECTL, f"--root={root.path}", *arguments], capture_output=True,
                         env=environment(**more))
    return run.stdout.decode()


def terminal(root, columns, *arguments, errors=False, **more):
    """The bytes that a terminal of this width gets, with errors also those of standard error."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([MIGRATECTL, f"--root={root.path}", *arguments], stdin=subprocess.DEVNULL,
                               stdout=follower, stderr=follower if errors else subprocess.DEVNULL,
                               env=environment(**more))
    os.close(follower)
    output = b""
    while True:
        try:
            some = os.read(leader, 65536)
        except OSError:  # EIO: the other side is closed
            break
        if not some:
            break
        output += some
    os.close(leader)
    process.wait()
    return output.decode().replace("\r\n", "\n")


def plain(root, columns, *arguments, **more):
    return terminal(root, columns, *arguments, NO_COLOR="1", **more)


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def widest(text):
    return max((width(line) for line in text.splitlines()), default=0)


def height(text, columns):
    """The number of lines on the terminal, which wraps long ones."""
    return sum(max(1, -(-width(line) // columns)) for line in text.splitlines())


# --- the overview ---------------------------------------------------------------------------------


def check_overview(directory):
    root = world(directory, len(KINDS))
    text = plain(root, 80)
    like("the overview counts the current services", text, r"^● 3 of 11 services are current \(1 fresh, 1 accepted\):$")
    for group, name in (("Half done", "half-6"), ("Failed", "failed-3"), ("Refused", "newer-5"),
                        ("Waiting for you", "approval-2"), ("Waiting for you", "manual-4"),
                        ("Deferred", "deferred-8"), ("Pending", "pending-1")):
        like(f"the overview lists {name} in the group '{group}'", text, rf"^{group}[^\n]*:\n(  [^\n]*\n)*  {name} ")
    like("the overview gives the reason for a failed migration", text, "failed-3 .*Script=/usr/lib/app/up failed")
    like("the overview has the last event", text, r"^Last: +2026-11-22 09:17:00  current-0 1 → 3, done, 3\.2 s$")
    like("the overview has the backups", text, r"^Backups: +1, of 1 service, 200\.0 MiB$")
    unlike("the overview does not say that anything runs", text, "Running")

    for kinds in (KINDS, ["failed"], ["pending"], ["approval", "invalid"]):
        big = world(directory, 200, kinds)
        text = plain(big, 80, COLUMNS="80")
        report(height(text, 80) <= 24, f"the overview of 200 services ({kinds[0]}, …) fits on one screen", text)
        like(f"the overview of 200 services ({kinds[0]}, …) says how many services are left out",
             text, r"\(\d+ of \d+\):$", r"This is not all\. Run:\s+migratectl ")
    text = plain(world(directory, 200), 80)
    for kind in KINDS:
        if kind not in ("current", "fresh", "accepted", "manual", "newer"):
            like(f"the overview of 200 services lists a service that is {kind}", text, rf"^  {kind}-\d+")

    text = plain(world(directory, 12, ["current"]), 80)
    report(text.count("\n") == 2 and widest(text) <= 80, "the overview has two lines if all services are current", text)
    like("the overview with two lines has the last event and the backups", text, "^● All 12 services are current\\.\n"
         "Last: current-11 on 2026-11-22. Backups: 12, 2.3 GiB\n$")
    text = plain(world(directory, 1, ["current"]), 80)
    like("the overview of one service is in the singular", text, "^● current-0 is current\\.$")

    long = Root(directory)
    for i in range(8):
        add_kind(long, ["pending", "failed"][i % 2], f"{'very-' * 10}long-name-{i}")
    text = plain(long, 80)
    report(height(text, 80) <= 24, "the overview fits on one screen with long names", text)
    text = plain(root, 40)
    report(height(text, 40) <= 24, "the overview fits on one screen with 40 columns", text)
    like("the overview cuts no name on 40 columns", text, "approval-2", "failed-3")
    text = pipe(world(directory, 200))
    same("the overview in a pipe has every service that is not current", sorted(re.findall(r"^  ([a-z]+-\d+) ", text, re.M)),
         sorted(f"{KINDS[i % len(KINDS)]}-{i}" for i in range(200)
                if KINDS[i % len(KINDS)] not in ("current", "fresh", "accepted")))
    same("the overview in a pipe has every reason, on one line each",
         {line.strip() for line in text.split("\nLast:")[0].splitlines()
          if line.startswith("      ") and "invalid-" not in line},
         {"a migration was cut off: the next start recovers from that, and tries it again",
          "Script=/usr/lib/app/up failed: cannot convert users.db (it failed on 2026-11-22 09:17:38, and has not changed "
          "since: fix the cause first)",
          "the state is at 4, newer than the 3 that is declared: install the newer software again, or bring back data "
          "that this software takes",
          "the migration from 1 to 3 waits for approval, or for Approved=1:3 in the declaration: Policy=confirm; "
          "1 to 3: there is no way back, and what is written later is lost with it",
          "the state is at version 1, and is migrated to 3 only when somebody asks for it (Policy=manual)",
          "the state is at version 1, and is migrated to 3 when the service starts",
          "deferred by jo on Sun 2026-11-22 09:17:38 UTC: not on a Friday"})


# --- tables ---------------------------------------------------------------------------------------


def blocks(text):
    """The rows, as dictionaries, of a table that is printed as a block for each row."""
    result = []
    for block in text.strip().split("\n\n"):
        result.append({})
        for line in block.splitlines():
            key, colon, value = line.strip().partition(":")
            if colon and key.isupper():
                result[-1][key] = value.strip()
            else:  # the line continues the one before
                key = list(result[-1])[-1]
                result[-1][key] = f"{result[-1][key]} {line.strip()}".strip()
    return result


def check_widths(root, name, *arguments):
    """At each width a table fits or has a block for each row; in a pipe each row is one whole line."""
    whole = pipe(root, *arguments)
    rows = len(whole.splitlines()) - 1
    same(f"{name}: the table on 300 columns is the same as in a pipe", plain(root, 300, *arguments), whole)
    for columns in (80, 200):
        text = plain(root, columns, *arguments)
        report(widest(text) <= columns and len(text.splitlines()) > rows,
               f"{name}: the table fits on {columns} columns", text)
    text = plain(root, 40, *arguments)
    if widest(text) > 40 or ": " in text.splitlines()[0]:
        same(f"{name}: 40 columns have a block for each row", len(blocks(text)), rows)
    else:
        report(len(text.splitlines()) > rows, f"{name}: the table fits on 40 columns", text)
    same(f"{name}: --full prints the same table on 40 columns as in a pipe", plain(root, 40, "--full", *arguments), whole)
    same(f"{name}: --no-legend leaves out the headings only",
         pipe(root, "--no-legend", *arguments), whole.split("\n", 1)[1])
    same(f"{name}: no line ends in a space", re.findall(r" +$", whole, re.M), [])


def check_cuts(root, text):
    """Terminals of many widths: the column GENERATION has as much of its text as fits."""
    wrong, cuts, odd = [], 0, 0
    for columns in range(104, 126):
        table = plain(root, columns, "backups")
        heading = re.search(r"GENERATION *(?= STATE)", table)
        shown = re.search(rf"{text[0]}.*?(?= *whole)", table)
        if not heading:
            continue
        room, shown = width(heading[0]), shown[0] if shown else ""
        wanted = text
        while width(wanted) > room:
            wanted = (wanted[:-2] if wanted.endswith("…") else wanted[:-1]) + "…"
        cuts += shown.endswith("…")
        odd += width(shown) < room
        if shown != wanted or widest(table) > columns:
            wrong.append(f"{columns} columns, room for {room}: {shown!r}, not {wanted!r}")
    report(not wrong and cuts >= 10 and odd >= 3, "a text with wide characters is cut between characters and as late as possible",
           "\n".join(wrong) or f"{cuts} were cut, {odd} of them with a column left over")


def check_tables(directory):
    root = world(directory, len(KINDS))
    for i in range(3):
        root.history("failed-3", entry("failed-3", i, result="failed", reason="no"))
        root.backup("failed-3", f"20261121T0917{i:02}Z-00000001", finished="2026-11-21T09:17:38Z")
    root.history("failed-3", {"service": "failed-3", "to": "1", "action": "adopted", "result": "done",
                              "finished": "2026-11-20T09:17:38Z"})
    # with --root= the commands would be too long for a column
    check_widths(root, "history", "history")
    check_widths(root, "backups", "backups")
    text = plain(root, 80, "backups")
    like("backups: no id is cut on 80 columns", text, "20261122T091700Z-00000000", "20261121T091701Z-00000001")
    text = plain(root, 80, "history")
    like("history: no id is cut on 80 columns", text, "20261122T091702Z-00000002")

    text = plain(root, 100, "status")
    like("status: the conditions are wrapped between words on 100 columns, and the commands are whole", text,
         r"newer-5 +3 +4 +newer than \S.* backups newer-5$", r" check invalid-7$", r"^ +declared$")
    unlike("status: no name is cut on 100 columns", text, "…")
    text = blocks(plain(root, 30, "status"))
    same("status: 30 columns have a block for each service", [b["SERVICE"] for b in text],
         [line.split()[0] for line in pipe(root, "--no-legend", "status").splitlines()])

    long = Root(directory)
    name, version = "n" + "ame" * 20, "1.0+" + "0123456789" * 4
    long.add(name, at=version, to=version)
    long.add("short", at="3")
    text = plain(long, 200, "status")
    like("status: a long name and a long version are not cut on 200 columns", text, f"^{name} +{re.escape(version)} +")
    same("status: a long version is not cut in the blocks of 80 columns",
         blocks(plain(long, 80, "status"))[0]["STATE"], version)
    long = Root(directory)
    long.add(name, at="3")
    like("status: a long name is cut on 80 columns", plain(long, 80, "status"), r"^name\S+… +3 +3 +current")
    like("status: three dots mark a cut name in the locale C",
         plain(long, 80, "status", LC_ALL="C"), r"^name\S+\.\.\. +3 +3 +current")
    like("status: a long name is not cut in a pipe", pipe(long, "status"), f"^{name} ")
    like("status: a long name is not cut with --full", plain(long, 80, "-l", "status"), f"^{name} ")
    like("status: $COLUMNS overrides the width of the terminal", plain(long, 300, "status", COLUMNS="80"), r"^name\S+…")

    wide = Root(directory)
    wide.add("app", at="3")
    wide.backup("app", "20261121T091738Z-00000001", generation="/gen/データベース移行の前\x1b[31m\n\u202ereversed")
    text = pipe(wide, "backups")
    like("backups: the table has UTF-8, and no control characters", text, "データベース移行の前 reversed +whole$")
    wide.backup("app", "20261120T091738Z-00000001", generation="/gen/system-16")
    lines = plain(wide, 200, "backups").splitlines()
    same("backups: the column after wide characters is aligned",
         {width(line[:line.index("whole")]) for line in lines[1:]},
         {width(lines[0][:lines[0].index("STATE")])})
    check_cuts(wide, "データベース移行の前 reversed")
    raw = terminal(wide, 100, "backups", LC_ALL="C", NO_COLOR="1")
    like("backups: the row is whole in the locale C", raw, "^app +20261121T091738Z-00000001")


# --- sentences ------------------------------------------------------------------------------------


PROGRAM = r"(?:sudo|migratectl|systemctl|journalctl) "


def check_sentences(directory):
    """Sentences on terminals of several widths, and in a pipe."""
    root = world(directory, len(KINDS))
    root.history("failed-3", entry("failed-3", 1, result="failed", boot="b", invocation="0" * 32,
                                   reason="Script=/usr/lib/app/up exited with status 1, last saying: cannot convert the users"))
    tables = [[], ["status"], ["status", "--all"], ["backups"], ["history"]]
    sentences = [["status", "nothing"], ["start", "failed-3"], ["plan"], ["--force", "check"], ["nonsense"], ["check"],
                 ["history", "failed-3"], ["adopt", "pending-1", "2"], ["adopt", "fresh-9", "2"], ["adopt", "current-0", "3"]]
    root.history("half-6", entry("half-6", 2, bytes=3 << 20, files=2, started="2026-11-22T09:16:00Z"))
    sentences += [["history", "half-6"]]
    sentences += [[verb, f"{kind}-{i}"] for i, kind in enumerate(KINDS) for verb in ("status", "plan")]
    for arguments in [*tables, *sentences]:
        run = subprocess.run([MIGRATECTL, f"--root={root.path}", *arguments], capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, env=environment())
        whole = run.stdout + run.stderr
        commands = re.findall(rf"(?:: |^ *|\()({PROGRAM}[^\n,;()]*?)(?=[,;)]|\. |\.?$)", whole, re.M)
        name = " ".join(arguments) or "the overview"
        wide, torn, other = [], [], []
        for columns in (40, 60, 80, 120):
            text = plain(root, columns, *arguments, errors=True)
            wide += [line for line in text.splitlines() if width(line) > columns and " " in line.strip()
                     and not re.match(rf" *\(?{PROGRAM}", line)]
            torn += [command for command in commands if arguments and command not in text]
            torn += re.findall(r"\b[\d.]+\n *(?:B|[KMG]iB|ms|s|min)\b", text)
            other += [text] if arguments in sentences and sorted(text.split()) != sorted(whole.split()) else []
        report(not wide, f"{name}: no line is wider than a terminal of 40, 60, 80 or 120 columns", "\n".join(wide))
        report(not torn, f"{name}: no command and no amount is torn", "\n".join(torn))
        if arguments in sentences:
            report(not other, f"{name}: the words are the same as in a pipe", "\n".join([*other, "in the pipe:", whole]))
    same("a command that does not fit has a line of its own, below its sentence",
         re.findall(rf"^( *Next:\n    )(?={PROGRAM})", plain(root, 60, "status", "invalid-7"), re.M), [f"{'Next':>13}:\n    "])


def check_help(directory):
    """--help, and the help of each command, both made from the tables of commands and options."""
    def run(*arguments):
        done = subprocess.run([MIGRATECTL, *arguments], capture_output=True, text=True, env=environment())
        return done.returncode, done.stdout, done.stderr

    root = Root(directory)
    status, whole, _ = run("--help")
    report(status == 0 and 40 < widest(whole) <= 80, "--help fits 80 columns in a pipe", whole)
    same("--help is the same on 80 columns as in a pipe", plain(root, 80, "--help"), whole)
    same("'help' prints the same as --help", run("help"), (0, whole, ""))
    for columns in (40, 60):
        text = plain(root, columns, "--help")
        report(text and widest(text) <= columns, f"--help fits {columns} columns", text)
    verbs = re.findall(r"^  ([a-z]+)(.*?)(?=  |$)", whole.partition("Commands:")[2].partition("Without")[0], re.M)
    options = re.findall(r"(--[a-z-]+)", whole.partition("Options:")[2].partition("Exit status:")[0])
    flags = {"--revoke", "--all", "--follow", "--keep", "--stop", "--force", "--yes", "--dry-run"}
    taken = set()
    for verb, arguments in verbs:
        status, text, _ = run("help", verb)
        same(f"help {verb}: --help prints the same", run(verb, "--help"), (0, text, ""))
        like(f"help {verb}: the usage line is the same as in --help", text, rf"\Amigratectl \[OPTIONS\.\.\.\] {verb}{re.escape(arguments)}$")
        narrow = plain(root, 40, verb, "--help")
        report(text and widest(text) <= 80 and widest(narrow.partition("\n")[2]) <= 40, f"help {verb}: the help fits 80 and 40 columns", text + narrow)
        own = set(re.findall(r"^  (?:  |-.) (--[a-z-]+)", text, re.M))
        taken |= own
        if verb == "help":
            continue
        names = ["nothing-has-this-name"] * (2 if " " in arguments.strip(" []") else 1)
        for option in sorted(flags - own) if own else []:
            same(f"help {verb}: an option that the help does not list is refused: {option}", run(verb, option, *names),
                 (2, "", f"migratectl: '{verb}' does not take {option}. Run: migratectl help {verb}\n"))
    report(len(verbs) == 21 and len(taken) == 13 and taken < set(options), "--help lists every option, and the help of a "
           "command lists the options of the command", str((verbs, taken)))
    same("help of an unknown command is refused", run("help", "nonsense"),
         (2, "", "migratectl: there is no command 'nonsense'. Run: migratectl --help\n"))


# --- colours and the pager ------------------------------------------------------------------------


def check_colours(directory):
    root = world(directory, len(KINDS))
    escape = "\x1b"
    report(escape in terminal(root, 80, "status"), "a terminal gets colours")
    report(escape in terminal(root, 80), "a terminal gets colours in the overview")
    report(escape not in pipe(root, "status"), "a pipe gets no colours")
    for name, more in (("NO_COLOR", {"NO_COLOR": "1"}), ("TERM=dumb", {"TERM": "dumb"}),
                       ("SYSTEMD_COLORS=0", {"SYSTEMD_COLORS": "0"})):
        report(escape not in terminal(root, 80, "status", **more), f"a terminal gets no colours with {name}")
    report(escape in pipe(root, "status", SYSTEMD_COLORS="1"), "a pipe gets colours with SYSTEMD_COLORS=1")
    report(escape in terminal(root, 80, "status", SYSTEMD_COLORS="256", NO_COLOR="1"),
           "SYSTEMD_COLORS= overrides NO_COLOR=")
    report(escape not in terminal(root, 80, "--json=pretty", SYSTEMD_COLORS="1"), "JSON has no colours")
    text = terminal(root, 80, "status")
    same("colours do not change the layout", re.sub(r"\x1b\[[0-9;]*m", "", text), plain(root, 80, "status"))


def check_pager(directory):
    root = world(directory, 3)
    tool = pathlib.Path(directory) / "pager"
    tool.write_text('#!/bin/sh\necho "pager $* LESS=$LESS LESSCHARSET=$LESSCHARSET LESSSECURE=$LESSSECURE"\nexec cat\n')
    tool.chmod(0o755)
    bins = pathlib.Path(directory) / "bin"
    bins.mkdir()
    (bins / "less").symlink_to(tool)
    path = f"{bins}:{os.environ['PATH']}"

    def head(*arguments, **more):
        more = {"SYSTEMD_PAGER": None, "PATH": path, **more}
        return plain(root, 80, *(arguments or ("status",)), **more).splitlines()[0]

    same("the pager is less with systemd's options and without a shell",
         head(), "pager  LESS=FRSXMK LESSCHARSET=utf-8 LESSSECURE=1")
    same("the pager is $PAGER",
         head(PAGER=f"{tool} one two"), "pager one two LESS=FRSXMK LESSCHARSET=utf-8 LESSSECURE=1")
    same("$SYSTEMD_PAGER overrides $PAGER", head(PAGER="cat", SYSTEMD_PAGER=f"{tool} x")[:7], "pager x")
    same("less gets $SYSTEMD_LESS", head(SYSTEMD_LESS="-R")[:14], "pager  LESS=-R")
    like("less gets $SYSTEMD_LESSCHARSET", head(SYSTEMD_LESSCHARSET="latin1"), "LESSCHARSET=latin1 ")
    like("less may offer a shell with $SYSTEMD_PAGERSECURE=0", head(SYSTEMD_PAGERSECURE="0"), "LESSSECURE=$")
    like("less keeps $LESSSECURE from the environment", head(SYSTEMD_PAGERSECURE="0", LESSSECURE="1"), "LESSSECURE=1$")
    for name, arguments, more in (("--no-pager", ["--no-pager", "status"], {}),
                                  ("an empty $SYSTEMD_PAGER", ["status"], {"SYSTEMD_PAGER": ""}),
                                  ("PAGER=cat", ["status"], {"PAGER": "cat"}),
                                  ("JSON", ["--json=pretty"], {})):
        unlike(f"no pager starts with {name}", head(*arguments, **more), "pager")
    unlike("no pager starts in a pipe", pipe(root, "status", SYSTEMD_PAGER=str(tool)), "pager")
    others = pathlib.Path(directory) / "others"
    others.mkdir()
    (others / "more").symlink_to(tool)
    (others / "cat").symlink_to("/bin/cat")
    unlike("without less, more(1) is not the pager, because more offers a shell", head(PATH=str(others)), "pager")
    like("without less, more(1) is the pager with $SYSTEMD_PAGERSECURE=0",
         head(PATH=str(others), SYSTEMD_PAGERSECURE="0"), "^pager")
    unlike("with sudo, $PAGER is not the pager, because $PAGER may offer a shell",
           head(PAGER=f"{tool} one two", SUDO_UID="1000"), "one two")
    like("the output is printed if the pager does not exist",
         plain(root, 80, "status", SYSTEMD_PAGER="/nonexistent", PATH=path), "current-0")


# --- JSON -----------------------------------------------------------------------------------------


def schema(*arguments, given=""):
    """The exit status and the text of the validator."""
    run = subprocess.run([sys.executable, HERE / "json-schema.py", *arguments], input=given,
                         capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def check_json(directory):
    status, said = schema(SCHEMAS)
    if status == 77:
        skip("the JSON output of every verb matches its schema", "python3-jsonschema is not installed")
        return
    same("the JSON schemas are valid", (status, said), (0, ""))
    root = world(directory, 2 * len(KINDS))
    root.history("failed-3", entry("failed-3", 1, result="failed", reason="no", boot="b", invocation="0" * 32),
                 {"service": "failed-3", "to": "1", "action": "adopted", "result": "done"})
    (root.store("deferred-19") / "deferred").write_text("{")
    printed = {}
    for verb, names in (("status", [[], ["--all"]]), ("check", [[]]), ("backups", [[]]), ("history", [[], ["failed-3"]]),
                        ("plan", [[f"{kind}-{i}"] for i, kind in enumerate(KINDS) if kind != "invalid"])):
        for name in names:
            text = pipe(root, "--json=short", verb, *name)
            same(" ".join([verb, *name]) + ": the JSON output matches its schema",
                 schema("--strict", SCHEMAS, verb, given=text), (0, "\n"))
            printed[verb] = printed.get(verb) or json.loads(text)
            same(" ".join([verb, *name]) + ": --json=pretty has the same values",
                 json.loads(pipe(root, "--json=pretty", verb, *name)),
                 json.loads(text))
    for verb, value in printed.items():
        item = value[0] if isinstance(value, list) else value
        key = sorted(item)[0]
        without = {k: v for k, v in item.items() if k != key}
        for name, wrong in ((f"without '{key}'", without), ("with one more key", {**item, "more": 1})):
            wrong = [wrong] if isinstance(value, list) else wrong
            same(f"{verb}: JSON {name} does not match the schema",
                 schema("--strict", SCHEMAS, verb, given=json.dumps(wrong))[0], 1)
    journals = {e["journal"] for e in printed["history"]}
    same("history: an event without an invocation has no journalctl command", journals, {None, "journalctl "
         f"_SYSTEMD_INVOCATION_ID={'0' * 32} + _UID=0 MIGRATE_TRANSACTION={entry('failed-3', 1)['id']}"})
    evil = Root(directory)
    evil.add("app", at="3")
    evil.history("app", entry("app", 1, id="x; rm -rf /", boot="b"))
    same("history: an event with a damaged record has no command",
         [e["journal"] for e in json.loads(pipe(evil, "--json=short", "history"))], [None])


def check_history(directory):
    root = Root(directory)
    root.add("app", at="3")
    root.history("app", *(entry("app", i) for i in range(3)),
                 entry("app", 4, result="failed", reason="Script=/x \x1b[31mfailed", boot="b", started="2026-11-22T09:16:00Z",
                       declaration="/etc/migrate.d/app.ini", generation="/nix/store/x-system-17", bytes=3 << 20, files=2,
                       steps=[{"from": "1", "to": "3", "migration": "up"}]))
    like("history NAME prints everything about an event",
         plain(root, 80, "history", "app", "-n1"), "^● app 1 → 3, failed, 3\\.2 s\n"
         " +Started: Sun 2026-11-22 09:16:00 UTC\n +Finished: Sun 2026-11-22 09:17:04 UTC\n"
         " +Steps: 1 → 3, up\n +State: 3.0 MiB in 2 files\n +Declaration: /etc/migrate.d/app.ini\n"
         " +Generation: /nix/store/x-system-17\n +Reason: Script=/x failed\n +Transaction: 20261122T091704Z-00000004\n"
         " +Journal: journalctl _UID=0 MIGRATE_TRANSACTION=20261122T091704Z-00000004\n$")
    same("history: --lines=2 prints the newest two events", [line.split()[-1] for line in
         pipe(root, "history", "--lines=2", "--no-legend").splitlines()], [entry("app", i)["id"] for i in (2, 4)])
    same("history: --lines=all prints all events",
         len(pipe(root, "history", "--lines=all", "--no-legend").splitlines()), 4)
    for wrong in ("0", "-1", "x", "", "1x"):
        run = subprocess.run([MIGRATECTL, f"--root={root.path}", "history", f"--lines={wrong}"], capture_output=True,
                             env=environment())
        same(f"history: --lines={wrong} is refused", (run.returncode, run.stdout), (2, b""))


# --- elsewhere ------------------------------------------------------------------------------------

# Like ssh: a shell gets the words after the host as one string.
FAKE_SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
[ "$1" != unreachable ] || { echo "ssh: cannot" >&2; exit 255; }
shift
PATH=$THERE exec /bin/sh -c "$*"
"""
# Like systemd-run: systemd expands environment variables.
FAKE_RUN = """#!/usr/bin/python3
import os, re, sys
print(sys.argv[1], flush=True)
given = []
for word in sys.argv[sys.argv.index("--") + 1:]:
    if re.fullmatch(r"\\$\\w+", word):
        given += os.environ.get(word[1:], "").split()
    else:
        given.append(re.sub(r"\\$\\$|\\$\\{(\\w+)\\}", lambda m: os.environ.get(m[1], "") if m[1] else "$", word))
os.environ["PATH"] = os.environ["THERE"]
os.execv(given[0], given)
"""


def check_remote(directory):
    here, there = pathlib.Path(directory) / "here", pathlib.Path(directory) / "there"
    for path, text in ((here / "ssh", FAKE_SSH), (here / "systemd-run", FAKE_RUN),
                       (there / "migratectl", '#!/bin/sh\nfor a; do echo "<$a>"; done\nexit 6\n')):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(*arguments, there=there):
        done = subprocess.run([MIGRATECTL, *arguments], capture_output=True, stdin=subprocess.DEVNULL, text=True,
                              env=environment(PATH=f"{here}:{os.environ['PATH']}", THERE=str(there)))
        return done.returncode, done.stdout + done.stderr

    words = ["history", "-qn", "3", "it's; echo $HOME", "--json", "short", "$HOME", "${HOME}", "$$"]
    given = "<--quiet>\n<--lines=3>\n<--json=short>\n<-->\n<history>\n<it's; echo $HOME>\n<$HOME>\n<${HOME}>\n<$$>\n"
    same("--host=: ssh gets each word of the command unchanged", run("-H", "jo@web", *words), (6, given))
    same("--machine=: the machine gets each word unchanged",
         run("--machine=web", *words), (6, "--machine=web\n" + given))
    same("--host=: migratectl ends with the exit status of a failed ssh", run("--host=unreachable", "status"), (255, "ssh: cannot\n"))
    if pathlib.Path("/usr/local/bin/migratectl").exists() or pathlib.Path("/run/current-system/sw/bin/migratectl").exists():
        skip("--host=: the message names a host without migratectl", "migratectl is installed in a fixed place")
    else:
        like("--host=: the message names a host without migratectl", str(run("-H", "web", "status", there=here)),
             r"^\(1, 'migratectl: there is no migratectl on web: install systemd-migrate there")
    for arguments in (["-H", "a", "-M", "b"], ["-H", "a", "--root=/tmp"], ["-H", ""], ["-M", ""]):
        same(f"the arguments {arguments} are refused", run(*arguments, "status")[0], 2)


def main():
    with tempfile.TemporaryDirectory() as directory:
        check_remote(directory)
        check_history(directory)
        check_json(directory)
        check_overview(directory)
        check_tables(directory)
        check_sentences(directory)
        check_help(directory)
        check_colours(directory)
        check_pager(directory)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
