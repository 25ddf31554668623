#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The declarations in the manual and the READMEs are accepted unchanged by `migratectl check`. Prints TAP.

    test-examples.py MIGRATECTL

An example is written to the path that the words before it, or its first line, give; programs that it names are empty
files. tests/operator/guide.test runs the commands in the guides."""

import pathlib
import re
import subprocess
import sys
import tempfile

import manual
from manual import Page, report, source

COMMANDS = ("Script", "Check", "Verify", "Post", "Backup", "Restore", "Detect", "Init", "FreshCheck")
# The declaration of a migration that is shown alone.
COMPANIONS = {
    "database": {"/usr/lib/migrate.d/database.ini": "[State]\nDirectory=/var/lib/database\nVersion=17\n"},
}


def of_manual():
    """{title: {path: text}} of EXAMPLES of migrate.d(5)."""
    groups, title, path, block = {}, None, None, None
    for line in Page("migrate.d.5").sections["EXAMPLES"]:
        if line.startswith(".SS "):
            title, path = line[4:], None
        elif line == ".EX":
            block = []
        elif line == ".EE":
            groups.setdefault(title, {})[path] = "\n".join(block) + "\n"
            block = None
        elif block is not None:
            block.append("" if line == ".sp" else Page.plain(line))
        else:
            found = re.search(r"(/\S+\.ini)\b", Page.plain(line))
            path = found[1] if found else path
    return groups


def of_readme():
    """{path: text} of blocks that begin with their path."""
    blocks = re.findall(r"```(?:ini|sh)\n((?:#!.*\n)?# (/\S+?)(?:,.*)?\n.*?)```", source("README.md"), re.S)
    return {path: text for text, path in blocks}


def of_postgresql():
    """{title: {path: text}} of indented blocks that begin with their path, each with the shipped files."""
    text = source("migrations/postgresql/README.md")
    shipped = {"/usr/lib/migrate.d/postgresql.ini": source("migrations/postgresql/postgresql.ini")}
    for path in (manual.ROOT / "migrations/postgresql/postgresql").glob("*.ini"):
        shipped[f"/usr/lib/migrate.d/postgresql/{path.name}"] = path.read_text()
    groups = {}
    for title, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.S | re.M):
        found = re.search(r"^    # (/\S+\.ini)\n((?:    .*\n)+)", body, re.M)
        if found:
            groups[f"PostgreSQL: {title}"] = {**shipped, found[1]: re.sub(r"^    ", "", found[2], flags=re.M)}
    return groups


def check(migratectl, title, files):
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)

        def put(path, text, mode=0o644):
            path = root / path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)

        names = {re.match(r".*/migrate\.d/([^/]+?)(?:\.ini.*|/.*)?$", path)[1]
                 for path in files if path and "/migrate.d/" in path}
        for name in names:
            files = {**COMPANIONS.get(name, {}), **files}
            put(f"/etc/systemd/system/{name}.service", "")
        for path, text in files.items():
            put(path, text, 0o755 if text.startswith("#!") else 0o644)
        for line in "\n".join(files.values()).splitlines():
            key, _, value = line.partition("=")
            if key in COMMANDS and value and not (root / value.split()[0].lstrip("/")).exists():
                put(value.split()[0], "#!/bin/sh\n", 0o755)
            elif key in ("Unit", "OldUnit") and value:
                put(f"/etc/systemd/system/{re.sub('@[^.]*', '@', value)}", "")
        put("/bin/sh", "", 0o755)
        run = subprocess.run([migratectl, "check", f"--root={root}"], capture_output=True, text=True, check=False)
        detail = f"exit status {run.returncode}\n{run.stdout}{run.stderr}\n{list(files)}"
        report(None not in files and run.returncode == 0 and run.stdout + run.stderr == "1 declaration, valid\n",
               f"the example '{title}' is accepted", detail)


def anchor(heading):
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def check_links():
    """Every link of a guide into the checkout leads somewhere."""
    guides = [manual.ROOT / "README.md", manual.ROOT / "CONTRIBUTING.md", manual.ROOT / "tests/README.md",
              *(manual.ROOT / "docs").glob("*.md"), *(manual.ROOT / "migrations").glob("*/README.md"),
              manual.ROOT / "nixos-module/README.md"]
    wrong, seen = [], 0
    for guide in guides:
        for link in re.findall(r"\]\(([^):\s]+)\)", guide.read_text()):
            path, _, fragment = link.partition("#")
            target = (guide.parent / path).resolve() if path else guide
            seen += 1
            if not target.exists():
                wrong.append(f"{guide.name}: {link}: no such file")
            elif fragment and fragment not in [anchor(x) for x in re.findall(r"^#+ (.*)$", target.read_text(), re.M)]:
                wrong.append(f"{guide.name}: {link}: no such heading")
    report(seen >= 20 and not wrong, "every link in the guides leads to a file and a heading",
           "\n".join(wrong) or f"only {seen} were found")


def check_sources():
    """Files and functions that the guides name exist: a change that moves one updates the guide."""
    wrong, seen = [], 0
    code = "\n".join(path.read_text() for directory in ("lib", "helper", "ctl", "generator")
                     for path in (manual.ROOT / directory).rglob("*.[ch]"))
    for guide in [manual.ROOT / "CONTRIBUTING.md", *(manual.ROOT / "docs").glob("*.md")]:
        text = guide.read_text()
        files = re.findall(r"`((?:lib|helper|ctl|generator|tests|nixos-module|migrations|man)/[\w./@*-]*)`", text)
        functions = re.findall(r"`(\w+)\(\)`", text) if guide.name == "design.md" else []
        seen += len(files) + len(functions)
        wrong += [f"{guide.name}: {x}" for x in files if not list(manual.ROOT.glob(x.rstrip("/")))]
        wrong += [f"{guide.name}: {x}()" for x in functions if not re.search(rf"\b{x}\(", code)]
    report(seen >= 20 and not wrong, "every file and function that the guides name exists",
           "\n".join(wrong) or f"only {seen} were found")


def check_picture():
    """docs/picture.md has the steps of the transaction, in the order of the code that runs them."""
    story = manual.source("helper/transaction/transaction.c").split(" */", 1)[1].split("*/", 1)[0]
    steps = re.findall(r"^ \*   (keep out|\w+) ", story, re.M)
    drawn = re.findall(r"^ +\W*(begin|keep out|clone|run|stamp|sync|keep|note|prove|swap|conclude)\b",
                       manual.source("docs/picture.md").split("```")[1], re.M)
    report(len(steps) >= 11 and drawn == steps, "docs/picture.md has the steps of a migration in their order",
           f"{drawn}, not {steps}")


def check_session():
    run = subprocess.run([manual.ROOT / "tests/walk/session", "--check"], capture_output=True, text=True, check=False)
    report(run.returncode == 0, "the session in the README is the one of docs/walk.md (tests/walk/session --write)",
           run.stdout + run.stderr)


def main():
    check_picture()
    check_session()
    check_links()
    check_sources()
    groups = of_manual()
    # The example of an approval is a drop-in of another example.
    consent = groups.pop("Consent to one plan")
    groups["Software that migrates by one command"].update(consent)
    report(len(groups) == 3 and len(consent) == 1, "migrate.d(5) has three examples and an approval", f"{list(groups)}")
    groups.update(of_postgresql())
    report(len(groups) == 5, "the README of PostgreSQL has two examples", f"{list(groups)}")
    readme = of_readme()
    report(len(readme) == 3, "the README has three examples", f"{list(readme)}")
    groups["README.md"] = {**readme, "/etc/migrate.d/app.ini.d/50-version.ini": "[State]\nVersion=2\n"}
    for title, files in groups.items():
        check(sys.argv[1], title, files)
    return manual.finish()


if __name__ == "__main__":
    sys.exit(main())
