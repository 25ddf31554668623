#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual says what the code does: each list in it is compared with the table it tells of, in both
directions. test-pages.py has what concerns the pages themselves. Prints TAP.

    test-manual.py [BUILD]

BUILD/ctl/migratectl, where it is there, is asked for its --help. Reads the checkout, writes nothing."""

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
    return re.findall(r'"([^"]+)"', between(source(path), f"{table}[] = {{", "};"))


def check_keys(page):
    sections = {
        "state_keys": "[STATE] SECTION OPTIONS",
        "migration_keys": "[MIGRATION] SECTION OPTIONS",
        "hooks_keys": "[UP], [DOWN] AND [EVERYUP] SECTION OPTIONS",
    }
    for table, section in sections.items():
        keys = key_table(table)
        same(f"migrate.d(5): {section} explains the keys", list(keys),
             words(page.tags(section), r"(\w+)="))

    code = source("lib/declare/keys.c")
    for key, function in (("Policy", "parse_policy"), ("Downgrade", "parse_downgrade"), ("Gaps", "parse_gaps"),
                          ("MaxSkip", "parse_max_skip"), ("Protect", "parse_protect"),
                          ("Stamp", "parse_stamp")):
        choices = re.findall(r'"([^"]+)"', between(between(code, f"static int {function}(", "\n}"),
                                                   "[]){", "NULL"))
        block = between(page.text("[STATE] SECTION OPTIONS"), f"\n{key}=", PARAGRAPH)
        missing = [c for c in choices if not re.search(rf"\b{c}\b", block)]
        report(bool(choices) and not missing, f"migrate.d(5): every value of {key}=",
               f"{missing or 'none found in the code'}")

    section = page.text("[MIGRATEUNIT] AND [MIGRATESERVICE] SECTION OPTIONS")
    for table, begin in (("unit_keys", "[MigrateUnit] takes"),
                         ("service_keys", "[MigrateService] takes")):
        listed = re.findall(r"([\w*-]+)=", between(section, begin, PARAGRAPH))
        # Sentences behind the list may name keys that are in it.
        same(f"migrate.d(5): {begin} what lib/declare/unit-line.c hands through",
             string_table("lib/declare/unit-line.c", table), listed)


def check_examples(page):
    """Whatever stands in an example is a key of that section."""
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
    report(seen > 0 and not wrong, "examples in the manual and the guides use keys that are honoured",
           "\n".join(wrong) or "no examples were found")


def check_quotes():
    """docs/it-failed.md is found by what the programs say: its bold quotes, up to systemd's own."""
    code = "".join(path.read_text() for directory in ("lib", "helper", "generator")
                   for path in sorted((ROOT / directory).rglob("*.c")))
    code = re.sub(r'"\s*\n\s*"', "", code)
    quotes = re.findall(r"\*\*`([^`]+)`\*\*", between(source("docs/it-failed.md"), "## Status 1",
                                                     "## Loaded:"))
    missing = [q for q in quotes if not all(part.strip() in code for part in q.split("\u2026"))]
    report(bool(quotes) and not missing, "docs/it-failed.md quotes what the programs say",
           "\n".join(missing) or "no quotes were found")


def check_guide():
    """docs/it-failed.md has a section for every exit status and every event, and its links lead somewhere."""
    guide = source("docs/it-failed.md")
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
               for heading in re.findall(r"^## (.*)$", guide, re.M)}
    rows = re.findall(r"^\|(.*)\| \[[^]]*\]\(#([\w-]+)\) \|$", guide, re.M)
    statuses = re.findall(r"RESULT_\w+ = (\d+)", source("lib/basic/result.h")) + \
        re.findall(r"#define STATUS_\w+ (\d+)", source("ctl/act/jobs.h"))
    same("docs/it-failed.md: a section for every exit status", statuses,
         [number for row, _ in rows for number in re.findall(r"^ (\d+) $", row)])
    code = re.findall(r'#define (MESSAGE_\w+)\s+"([0-9a-f]{32})"', source("lib/system/message-id.h"))
    same("docs/it-failed.md: a section for every event", code,
         [event for row, _ in rows for event in re.findall(r"^ `(MESSAGE_\w+)` \| `(\w+)` $", row)])
    links = re.findall(r"\]\(#([\w-]+)\)", re.sub(r"\]\n?\(#", "](#", guide))
    missing = sorted(set(links) - anchors)
    report(bool(links) and not missing, "docs/it-failed.md: its links lead to sections", "\n".join(missing))


# --- what programs print and give -----------------------------------------------------------------


def check_exit_statuses(units, ctl):
    code = re.findall(r"RESULT_\w+ = (\d+)", source("lib/basic/result.h"))
    same("migrate@.service(8): exit statuses", code, words(units.tags("EXIT STATUS"), r"^\d+$"))
    extra = re.findall(r"#define STATUS_\w+ (\d+)", source("ctl/act/jobs.h"))
    same("migratectl(1): exit statuses", code + extra, words(ctl.tags("EXIT STATUS"), r"^\d+$"))


def check_journal(units):
    log = source("lib/system/log.c")
    same("migrate@.service(8): fields in the journal", re.findall(r'"(MIGRATE_\w+)"', log),
         words(units.tags("JOURNAL FIELDS"), r"(MIGRATE_\w+)="))
    phases = re.findall(r'#define PHASE_\w+\s+"(\w+)"', source("helper/transaction/flight.h"))
    text = between(units.text("JOURNAL FIELDS"), "MIGRATE_PHASE=", PARAGRAPH)
    missing = [p for p in phases if not re.search(rf"\b{p}\b", text)]
    report(bool(phases) and not missing, "migrate@.service(8): every value of MIGRATE_PHASE=",
           f"{missing or 'none found in the code'}")
    results = set(re.findall(r'\[RESULT_\w+\] = "(\w+)"', log)) - {"usage"}  # is in no record
    text = between(units.text("JOURNAL FIELDS"), "MIGRATE_RESULT=", PARAGRAPH)
    missing = [r for r in results if not re.search(rf"\b{r}\b", text)]
    report(bool(results) and not missing, "migrate@.service(8): every value of MIGRATE_RESULT=",
           f"{missing or 'none found in the code'}")


def check_messages(overview):
    code = re.findall(r'#define (MESSAGE_\w+)\s+"([0-9a-f]{32})"', source("lib/system/message-id.h"))
    catalog = re.findall(r"^-- ([0-9a-f]{32})$", source("catalog/systemd-migrate.catalog"), re.M)
    same("catalog: message ids", [i for _, i in code], catalog)
    report(len(set(catalog)) == len(catalog) and len(dict(code)) == len({i for _, i in code}),
           "no message id stands for two events")
    listed = re.findall(r"^(MESSAGE_\w+)\n([0-9a-f]{32})$", overview.text("MESSAGES"), re.M)
    same("systemd-migrate(7): message ids", code, listed)


def check_environment(units):
    """Of the sandbox: what build_environment() adds."""
    code = set(re.findall(r'add\(&?environment, "(\w+)"', source("helper/script/script.c")))
    code |= {"STATE_1", "STATE_2"} if '"STATE_%zu"' in source("helper/script/script.c") else set()
    same("migrate@.service(8): environment of scripts", code,
         words(units.tags("ENVIRONMENT OF SCRIPTS"), r"\b[A-Z][A-Z_0-9]+\b"))


def check_store(units):
    code = re.findall(r'#define RECORD_\w+\s+(?:\\\n\s*)?"(\w+)"', source("lib/store/store.h"))
    code += ["log", "rehearsal.log", "fresh=VERSION", "backups/ID/", "applied/ID/", ".rehearsal/"]
    same("migrate@.service(8): files of the store", code, units.tags("THE STORE"))


def check_conditions(ctl):
    path = ROOT / "ctl/look/condition.c"
    if not path.exists():
        skip("migratectl(1): conditions", "there is no ctl/ yet")
        return
    code = re.findall(r'\[CONDITION_\w+\] = "([\w-]+)"', path.read_text())
    tags = [re.sub(r".*\( ?([\w-]+) ?\).*", r"\1", tag) for tag in ctl.tags("CONDITIONS")]
    same("migratectl(1): conditions", code, tags)


def check_backups(ctl):
    code = re.findall(r'\[BACKUP_\w+\] = "([\w-]+)"', source("lib/backup/backup.c"))
    tags = [re.sub(r".*\( ?([\w-]+) ?\).*", r"\1", tag) for tag in ctl.tags("BACKUPS")]
    same("migratectl(1): states of backups", code, tags)


def check_json(ctl):
    """Every key that a schema names at the top."""
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
        report(bool(keys) and not missing, f"migratectl(1): keys of {path.stem}", str(missing))


def check_help(ctl, build):
    program = build / "ctl/migratectl" if build else None
    if not program or not program.exists():
        skip("migratectl(1): commands", "migratectl is not built")
        skip("migratectl(1): options", "migratectl is not built")
        return
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "NO_COLOR": "1", "LC_ALL": "C"}).stdout
    commands = re.findall(r"^  ([a-z]+)\b", between(text, "Commands:", "Without a command"), re.M)
    same("migratectl(1): commands", commands, words(ctl.tags("COMMANDS"), r"^[a-z]+"))
    options = re.findall(r"(?<![\w-])(--?[a-z-]+)",
                         "\n".join(line[:24] for line in between(text, "Options:", "Exit status:").splitlines()))
    same("migratectl(1): options", options, words(ctl.tags("OPTIONS"), r"(?<![\w-])--?[a-z-]+"))


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
