#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages render, can be found and refer to one another, and have the units, variables, files and words for
the kernel command line that the code has outside of tables. Prints TAP.

    test-pages.py [BUILD]

Without the programs in BUILD the tests of their output are skipped. Writes nothing."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import manual
from manual import MAN, ROOT, Page, between, report, same, skip, source, words

MAIN = ["migratectl.1", "migrate.d.5", "systemd-migrate.7", "migrate@.service.8", "systemd-migrate-generator.8"]
LINE = re.compile(r"\x1b\[[0-9;]*m|.\x08")


def run(*command, **environment):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment})


def code_of(*directories):
    return "\n".join(path.read_text() for directory in directories
                     for path in sorted((ROOT / directory).rglob("*.[ch]")))


def target(name):
    """The page that an alias leads to; None for a page."""
    first = (MAN / name).read_text().splitlines()[0]
    return first.split("/")[-1] if first.startswith(".so ") else None


# --- rendering ------------------------------------------------------------------------------------


def check_rendering(pages):
    """With man(1) on terminals of three widths."""
    for name in pages:
        if target(name):
            report(target(name) in pages and
                   (MAN / name).read_text() == f".so man{target(name)[-1]}/{target(name)}\n",
                   f"{name}: the alias leads to a page", (MAN / name).read_text())
        elif not shutil.which("man"):
            skip(f"{name}: the page renders without a warning and in 80 columns", "man is not installed")
        else:
            trouble = ""
            for width in (60, 80, 132):
                shown = run("man", "--warnings=w", "-l", str(MAN / name), MANWIDTH=str(width), MANPAGER="cat")
                trouble += shown.stderr if shown.returncode == 0 else f"exit status {shown.returncode}"
                if width == 80:
                    lines = [LINE.sub("", line) for line in shown.stdout.splitlines()]
                    trouble += "".join(f"{len(line)} columns: {line}\n" for line in lines if len(line) > 80)
                    trouble += "" if len(lines) > 40 else f"only {len(lines)} lines\n"
            report(not trouble, f"{name}: the page renders without a warning and in 80 columns", trouble)


def check_lint(pages):
    if not shutil.which("mandoc"):
        skip("mandoc finds no mistake", "mandoc is not installed")
        return
    found = "".join(run("mandoc", "-T", "lint", "-W", "warning", str(MAN / name)).stdout
                    for name in pages if not target(name))
    found = [line for line in found.splitlines() if "missing date" not in line]  # as systemd's own
    report(not found, "mandoc finds no mistake", "\n".join(found))


# --- finding one ----------------------------------------------------------------------------------


def names_of(name):
    """The names in NAME, and their description."""
    text = Page(name).text("NAME").strip()
    names, _, description = text.replace("\\", "").partition(" - ")
    return names.split(", "), description


def check_names(pages):
    for name in MAIN:
        names, description = names_of(name)
        aliases = [alias for alias in pages if target(alias) == name]
        same(f"{name}: NAME has the page and its aliases", [re.sub(r"\.\d$", "", x) for x in [name] + aliases], names)
        report(0 < len(description) <= 72 and description[0].isupper() and not description.endswith("."),
               f"{name}: the description in NAME fits on a line of apropos", description)
        if not shutil.which("lexgrog"):
            skip(f"{name}: mandb understands NAME", "lexgrog is not installed")
            continue
        found = run("lexgrog", str(MAN / name)).stdout
        same(f"{name}: mandb understands NAME", [f"{x} - {description}" for x in names],
             re.findall(r': "(.*)"$', found, re.M))


def check_references(pages):
    known = {re.sub(r"\.(\d)$", r"(\1)", name) for name in pages}
    wrong = []
    for name in pages:
        text = "\n".join(Page.plain(line) for line in (MAN / name).read_text().splitlines())
        for page, section in re.findall(r"([\w.@-]*migrat[\w.@-]*) ?\((\d)\)", text):
            if f"{page}({section})" not in known:
                wrong.append(f"{name}: {page}({section})")
    for path in list((ROOT / "units").glob("*")) + list((ROOT / "generator").glob("*.c")) + \
            list((ROOT / "catalog").glob("*")):
        for page in re.findall(r"man:([\w.@-]*migrat[\w.@-]*\(\d\))", path.read_text()):
            if page not in known:
                wrong.append(f"{path.name}: {page}")
    report(not wrong, "every page that another page refers to exists", "\n".join(wrong))
    same("every page is installed", pages, re.findall(r"'([^']+\.\d)'", source("man/meson.build")))
    for name in MAIN:
        listed = re.findall(r"([\w.@-]+) ?\((\d)\)", Page(name).text("SEE ALSO"))
        missing = [page for page in MAIN if page != name and tuple(page.rsplit(".", 1)) not in listed]
        report(not missing, f"{name}: SEE ALSO has all other pages", f"{missing}")
        report(len(set(listed)) == len(listed) and not Page(name).text("SEE ALSO").rstrip().endswith(","),
               f"{name}: SEE ALSO has each page once", f"{listed}")


# --- what is not in tables ------------------------------------------------------------------------


def check_units():
    """The units that are installed, and the units that the generator writes."""
    names = {path.name.removesuffix(".in") for path in (ROOT / "units").glob("migrate*")}
    code = code_of("generator", "lib")
    verbs = re.findall(r'append_service\(&s, declaration, "(\w+)"\)', code)
    written = {"migrate@.service" if verb == "run" else f"migrate-{verb}@.service" for verb in verbs}
    gate = source("lib/declare/gate.c")
    written |= {f"{name}.target" for name in re.findall(r'"(\w+@)%s-%s', gate)}
    same("migrate@.service(8): NAME has the units", names | written, names_of("migrate@.service.8")[0])
    text = Page("migrate@.service.8").text("DESCRIPTION")
    missing = [name for name in names | written if not re.search(
        re.escape(name).replace("@", "@NAME" + ("-" if "migrated" in name else "")).replace(r"\.", ".*"), text)]
    report(not missing, "migrate@.service(8): DESCRIPTION explains every unit", f"{missing}")


# systemd sets these for the helper.
SYSTEMDS_OWN = {"CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET"}


def check_variables():
    def read(*directories):
        return set(re.findall(r'getenv\("(\w+)"\)', code_of(*directories)))

    ctl = set(re.findall(r"\$(\w+)", Page("migratectl.1").text("ENVIRONMENT")))
    same("migratectl(1): ENVIRONMENT has the variables of the code", read("ctl") | ctl_indirect(), ctl)
    generator = set(re.findall(r"\$(\w+)", Page("systemd-migrate-generator.8").text("ENVIRONMENT")))
    same("systemd-migrate-generator(8): ENVIRONMENT has the variables of the code",
         read("generator", "lib") - SYSTEMDS_OWN, generator)
    same("the helper reads only variables that systemd sets", read("helper") & SYSTEMDS_OWN, read("helper"))


def ctl_indirect():
    """Variables that the code has in a table."""
    return set(re.findall(r'"((?:SYSTEMD_)?PAGER)"', code_of("ctl")))


def check_kernel_words():
    code = set(re.findall(r'kernel_command_line_has\("([\w=]+)"', code_of("lib", "helper", "ctl", "generator")))
    code |= set(re.findall(r"ConditionKernelCommandLine=!([\w=]+)", code_of("generator")))
    for name in ("systemd-migrate-generator.8", "systemd-migrate.7"):
        same(f"{name}: KERNEL COMMAND LINE has the words of the code", code, Page(name).tags("KERNEL COMMAND LINE"))


def check_files():
    """The project's own directories that the programs make or read."""
    code = set(re.findall(r'"(/(?:run|etc|usr/lib|usr/local/lib|var/lib)/(?:systemd-migrate|migrate)[^"/%]*)',
                          code_of("lib", "helper", "ctl", "generator")))
    files = Page("systemd-migrate.7").text("FILES")
    missing = [path for path in sorted(code) if path not in files]
    report(len(code) >= 6 and not missing, "systemd-migrate(7): FILES has all directories of the project",
           f"missing {missing} of {sorted(code)}")


def check_generator_help(build):
    program = build / "generator/systemd-migrate-generator" if build else None
    if not program or not program.exists():
        skip("systemd-migrate-generator(8): OPTIONS has the options of --help", "the generator is not built")
        return
    shown = re.findall(r"^ +(--?[a-z-]+)", run(str(program), "--help").stdout, re.M)
    tags = words(Page("systemd-migrate-generator.8").tags("OPTIONS"), r"(?<![\w-])--[a-z-]+")
    same("systemd-migrate-generator(8): OPTIONS has the options of --help", shown, tags)


APP = {
    "usr/lib/migrate.d/app.ini": "[State]\nDirectory=/var/lib/app\nVersion=2\n",
    "usr/lib/migrate.d/app/up.ini": "[Migration]\nTo=2\n[Up]\nScript=/usr/lib/app/up\n",
    "var/lib/app/.stateversion.app=1": "",
    "var/lib/app/data": "x",
    "var/lib/migrate/app/backups/20261201T090000Z-00000000/state": "",
    "etc/systemd/system/app.service": "",
}


def keys_of(value):
    """All keys in a value, at any depth."""
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item)}
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys_of(item)}
    return set()


def check_json(build):
    """The paragraph of a command has every key that the command prints."""
    program = build / "ctl/migratectl" if build else None
    if not program or not program.exists():
        skip("migratectl(1): JSON has every key that status, plan, check and backups print", "migratectl is not built")
        return
    sections = re.split(r"^\N{PILCROW SIGN}\n(?=(?:status|plan|check|backups|history)\b)",
                        Page("migratectl.1").text("JSON"), flags=re.M)
    sections = {section.split()[0].rstrip(","): section for section in sections[1:]}
    with tempfile.TemporaryDirectory() as directory:
        for path, text in APP.items():
            (pathlib.Path(directory) / path).parent.mkdir(parents=True, exist_ok=True)
            (pathlib.Path(directory) / path).write_text(text)
        for command in (["status"], ["plan", "app"], ["check"], ["backups"]):
            shown = run(str(program), f"--root={directory}", "--json=short", *command)
            keys = keys_of(json.loads(shown.stdout or "[]"))
            told = sections.get(command[0], "") + (sections.get("status", "") if command[0] == "plan" else "")
            missing = [key for key in sorted(keys) if not re.search(rf"\b{key}\b", told)]
            report(len(keys) >= 5 and not missing, f"migratectl(1): JSON has every key that {command[0]} prints",
                   f"{missing or shown}")


def main():
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    pages = sorted(path.name for path in MAN.glob("*.[1-9]"))
    check_rendering(pages)
    check_lint(pages)
    check_names(pages)
    check_references(pages)
    check_units()
    check_variables()
    check_kernel_words()
    check_files()
    check_generator_help(build)
    check_json(build)
    return manual.finish()


if __name__ == "__main__":
    sys.exit(main())
