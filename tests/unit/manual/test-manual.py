#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each list in the manual has the same words as the table in the code that it documents. test-pages.py has the tests of
the pages themselves. Prints TAP.

    test-manual.py [BUILD]

Without BUILD/ctl/migratectl the tests of its --help are skipped. Reads the checkout, writes nothing."""

import json
import pathlib
import re
import subprocess
import sys

import manual
from manual import PARAGRAPH, ROOT, Page, between, report, same, skip, source, words


# --- keys of declarations -------------------------------------------------------------------------


def key_table(table):
    """{key: parser} of a table in lib/declare/keys.c."""
    body = between(source("lib/declare/keys.c"), f"static const Key {table}[] = {{", "{},")
    return dict(re.findall(r'\{\s*"(\w+)",\s*\w+,\s*(\w+)', body))


def string_table(path, table):
    return " ".join(re.findall(r'"([^"]+)"', between(source(path), f"{table}[] =", ";"))).split()


def check_keys(page):
    sections = {
        "state_keys": "[STATE] SECTION OPTIONS",
        "migration_keys": "[MIGRATION] SECTION OPTIONS",
        "hooks_keys": "[UP], [DOWN] AND [EVERYUP] SECTION OPTIONS",
    }
    for table, section in sections.items():
        keys = key_table(table)
        same(f"migrate.d(5): {section} explains every key", list(keys),
             words(page.tags(section), r"(\w+)="))

    code = source("lib/declare/keys.c")
    for key, table in (("Policy", "policies"), ("Downgrade", "downgrades"), ("Gaps", "gaps"), ("MaxSkip", "max_skips"),
                       ("Protect", "protections"), ("Stamp", "stamp_places")):
        choices = re.findall(r'"([^"]+)"', between(code, f"{table}[] = {{", "NULL"))
        block = between(page.text("[STATE] SECTION OPTIONS"), f"\n{key}=", PARAGRAPH)
        missing = [c for c in choices if not re.search(rf"\b{c}\b", block)]
        report(bool(choices) and not missing, f"migrate.d(5): the paragraph of {key}= has all its values",
               f"{missing or 'none found in the code'}")

    section = page.text("[MIGRATEUNIT] AND [MIGRATESERVICE] SECTION OPTIONS")
    for table, begin in (("unit_keys", "[MigrateUnit] takes"),
                         ("service_keys", "[MigrateService] takes")):
        listed = re.findall(r"([\w*-]+)=", between(section, begin, PARAGRAPH))
        # sentences after the list may name keys of the list
        same(f"migrate.d(5): the list after '{begin}' has all keys of {table}",
             string_table("lib/declare/unit-line.c", table), listed)


def check_examples(page):
    """Each key in an example is a key of its section."""
    tables = {"State": "state_keys", "Migration": "migration_keys", "Up": "hooks_keys",
              "Down": "hooks_keys", "EveryUp": "hooks_keys"}
    guides = [path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))]
    guides = "\n".join(guides + [source("README.md")])
    blocks = re.findall(r"```ini\n(.*?)```", guides, re.S)
    blocks += re.findall(r"^cat >\S+\.ini <<'END'\n(.*?)^END$", guides, re.S | re.M)
    blocks += re.findall(r"^\.EX\n(.*?)^\.EE", "\n".join(page.lines), re.S | re.M)
    wrong, seen = [], 0
    for block in blocks:
        section = None
        for line in block.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
                continue
            key = Page.plain(line).split("=")[0]
            if section not in tables or not re.fullmatch(r"\w+", key) or "=" not in line:
                continue
            seen += 1
            parser = key_table(tables[section]).get(key)
            if not parser:
                wrong.append(f"[{section}] {line}")
    report(seen > 0 and not wrong, "every key in an example of the manual or a guide exists",
           "\n".join(wrong) or "no examples were found")


def check_quotes():
    """docs/it-failed.md can be searched for messages: its bold quotes, before those of systemd."""
    code = "".join(path.read_text() for directory in ("lib", "helper", "generator")
                   for path in sorted((ROOT / directory).rglob("*.c")))
    code = re.sub(r'"\s*\n\s*"', "", code)
    quotes = re.findall(r"\*\*`([^`]+)`\*\*", between(source("docs/it-failed.md"), "## Status 1",
                                                     "## Loaded:"))
    missing = [q for q in quotes if not all(part.strip() in code for part in q.split("\u2026"))]
    report(bool(quotes) and not missing, "docs/it-failed.md: every bold quote is a message of the programs",
           "\n".join(missing) or "no quotes were found")


def check_guide():
    """docs/it-failed.md has a section for every exit status and every event, and its links lead somewhere."""
    guide = source("docs/it-failed.md")
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
               for heading in re.findall(r"^## (.*)$", guide, re.M)}
    rows = re.findall(r"^\|(.*)\| \[[^]]*\]\(#([\w-]+)\) \|$", guide, re.M)
    statuses = re.findall(r"RESULT_\w+ = (\d+)", source("lib/basic/result.h")) + \
        re.findall(r"#define STATUS_\w+ (\d+)", source("ctl/act/jobs.h"))
    same("docs/it-failed.md: the table has a section for every exit status", statuses,
         [number for row, _ in rows for number in re.findall(r"^ (\d+) $", row)])
    code = re.findall(r'#define (MESSAGE_\w+)\s+"([0-9a-f]{32})"', source("lib/system/message-id.h"))
    same("docs/it-failed.md: the table has a section for every event", code,
         [event for row, _ in rows for event in re.findall(r"^ `(MESSAGE_\w+)` \| `(\w+)` $", row)])
    links = re.findall(r"\]\(#([\w-]+)\)", re.sub(r"\]\n?\(#", "](#", guide))
    missing = sorted(set(links) - anchors)
    report(bool(links) and not missing, "docs/it-failed.md: every link leads to a section", "\n".join(missing))


# --- what programs print and give -----------------------------------------------------------------


def check_exit_statuses(units, ctl):
    code = re.findall(r"RESULT_\w+ = (\d+)", source("lib/basic/result.h"))
    same("migrate@.service(8): EXIT STATUS has the statuses of the helper",
         code, words(units.tags("EXIT STATUS"), r"^\d+$"))
    extra = re.findall(r"#define STATUS_\w+ (\d+)", source("ctl/act/jobs.h"))
    same("migratectl(1): EXIT STATUS has the statuses of migratectl",
         code + extra, words(ctl.tags("EXIT STATUS"), r"^\d+$"))


def check_journal(units):
    log = source("lib/system/log.c")
    same("migrate@.service(8): JOURNAL FIELDS has the fields of the code", re.findall(r'"(MIGRATE_\w+)"', log),
         words(units.tags("JOURNAL FIELDS"), r"(MIGRATE_\w+)="))
    phases = re.findall(r'\[PHASE_\w+\] = "([\w-]+)"', source("lib/store/record-transaction.c"))
    text = between(units.text("JOURNAL FIELDS"), "MIGRATE_PHASE=", PARAGRAPH)
    missing = [p for p in phases if not re.search(rf"\b{p}\b", text)]
    report(bool(phases) and not missing, "migrate@.service(8): MIGRATE_PHASE= has all its values",
           f"{missing or 'none found in the code'}")
    results = set(re.findall(r'\[RESULT_\w+\] = "(\w+)"', source("lib/basic/result.c"))) - {"usage"}  # never logged
    text = between(units.text("JOURNAL FIELDS"), "MIGRATE_RESULT=", PARAGRAPH)
    missing = [r for r in results if not re.search(rf"\b{r}\b", text)]
    report(bool(results) and not missing, "migrate@.service(8): MIGRATE_RESULT= has all its values",
           f"{missing or 'none found in the code'}")


def check_messages(overview):
    code = re.findall(r'#define (MESSAGE_\w+)\s+"([0-9a-f]{32})"', source("lib/system/message-id.h"))
    catalog = re.findall(r"^-- ([0-9a-f]{32})$", source("catalog/systemd-migrate.catalog"), re.M)
    same("the catalog has all message ids of the code", [i for _, i in code], catalog)
    report(len(set(catalog)) == len(catalog) and len(dict(code)) == len({i for _, i in code}),
           "no two events have the same message id")
    listed = re.findall(r"^(MESSAGE_\w+)\n([0-9a-f]{32})$", overview.text("MESSAGES"), re.M)
    same("systemd-migrate(7): MESSAGES has the message ids of the code", code, listed)


def check_environment(units):
    """The variables that environment_build() adds."""
    text = source("helper/script/environment.c")
    code = set(re.findall(r'(?:add\(&environment, |^ +\{)"([A-Z_]+)",', text, re.M))
    for prefix in re.findall(r'add_numbered\(environment, "(\w+)"', text):
        code |= {prefix + "1", prefix + "2"}
    same("migrate@.service(8): ENVIRONMENT OF SCRIPTS has the variables of the code", code,
         words(units.tags("ENVIRONMENT OF SCRIPTS"), r"\b[A-Z][A-Z_0-9]+\b"))


def check_store(units):
    code = re.findall(r'#define RECORD_\w+\s+(?:\\\n\s*)?"(\w+)"', source("lib/store/store.h"))
    code += ["log", "rehearsal.log", "mounted-UNIT", "fresh=VERSION", "declared=VERSION", "asks=VERSION", "backups/ID/", "applied/ID/", ".rehearsal/"]
    same("migrate@.service(8): THE STORE has the files of the code", code, units.tags("THE STORE"))


def check_conditions(ctl):
    path = ROOT / "lib/judge/outcome.c"
    if not path.exists():
        skip("migratectl(1): CONDITIONS has the conditions of the code", "there is no ctl/ yet")
        return
    code = re.findall(r'\[CONDITION_\w+\] = "([\w-]+)"', path.read_text())
    tags = [re.sub(r".*\( ?([\w-]+) ?\).*", r"\1", tag) for tag in ctl.tags("CONDITIONS")]
    same("migratectl(1): CONDITIONS has the conditions of the code", code, tags)


def check_backups(ctl):
    code = re.findall(r'\[BACKUP_\w+\] = "([\w-]+)"', source("lib/backup/backup.c"))
    tags = [re.sub(r".*\( ?([\w-]+) ?\).*", r"\1", tag) for tag in ctl.tags("BACKUPS")]
    same("migratectl(1): BACKUPS has the states of backups in the code", code, tags)


def check_json(ctl):
    """Every key at the top of a schema."""
    text = ctl.text("JSON")
    for path in sorted((ROOT / "docs/json-schema").glob("*.json")):
        schema, common = json.loads(path.read_text()), json.loads(source("docs/json-schema/common.json"))
        if path.stem == "common":
            continue
        item = schema.get("items", schema)
        keys = item.get("required", []) if "$ref" in item else item["properties"]
        if "$ref" in item and not keys:
            keys = common["$defs"][item["$ref"].split("/")[-1]]["properties"]
        missing = [key for key in keys if not re.search(rf"\b{key}\b", text)]
        report(bool(keys) and not missing, f"migratectl(1): JSON has the keys of the schema {path.stem}", str(missing))


def check_help(ctl, build):
    program = build / "ctl/migratectl" if build else None
    if not program or not program.exists():
        skip("migratectl(1): COMMANDS has the commands of --help", "migratectl is not built")
        skip("migratectl(1): OPTIONS has the options of --help", "migratectl is not built")
        return
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "NO_COLOR": "1", "LC_ALL": "C"}).stdout
    commands = re.findall(r"^  ([a-z]+)\b", between(text, "Commands:", "Without a command"), re.M)
    same("migratectl(1): COMMANDS has the commands of --help", commands, words(ctl.tags("COMMANDS"), r"^[a-z]+"))
    options = re.findall(r"(?<![\w-])(--?[a-z-]+)",
                         "\n".join(line[:24] for line in between(text, "Options:", "Exit status:").splitlines()))
    same("migratectl(1): OPTIONS has the options of --help",
         options, words(ctl.tags("OPTIONS"), r"(?<![\w-])--?[a-z-]+"))


def main():
    build = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    declarations, ctl = Page("migrate.d.5"), Page("migratectl.1")
    units, overview = Page("migrate@.service.8"), Page("systemd-migrate.7")

    check_keys(declarations)
    check_examples(declarations)
    check_quotes()
    check_guide()
    check_exit_statuses(units, ctl)
    check_journal(units)
    check_messages(overview)
    check_environment(units)
    check_store(units)
    check_conditions(ctl)
    check_backups(ctl)
    check_json(ctl)
    check_help(ctl, build)
    return manual.finish()


if __name__ == "__main__":
    sys.exit(main())
