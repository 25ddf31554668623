#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what record has written down the same for every run. The lines of migratectl are wrapped anew, as it does for
80 columns; other lines are folded as a terminal does.

Whatever happened after a command was typed gets that command's time: the first one is typed at nine, each further one a
minute later. Ids are numbered, all lengths of time are one. Tables are laid out anew where that changes their columns."""

import calendar
import hashlib
import re
import sys
import time

COLUMNS = 80
NINE = calendar.timegm((2026, 12, 1, 9, 0, 0))

TOKENS = re.compile(
    r"(?P<id>\b\d{8}T\d{6}Z(?:-[0-9a-f]{0,8})?)"
    r"|(?P<iso>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r"|(?P<local>\b[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
    r"|(?P<minute>\b\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)"
    r"|(?P<day>\b20\d\d-\d\d-\d\d\b(?![;,T\d]))"
    r"|(?P<syslog>\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
    r"|(?P<hash>\b[0-9a-f]{32}\b)"
    r"|(?P<job>(?<=job identifier is )\d+)"
    r"|(?P<process>(?<=\[)\d{2,}(?=\]: )|(?<=Process: )\d+|(?<=Main PID: )\d+)"
    r"|(?P<rate>\b[\d.]+ [KMGT]?i?B/s)"
    r"|(?P<space>\b[\d.]+ [KMGT]iB(?= (?:are |is )?(?:available|free)))"
    r"|(?P<changed>(?<=at most )[\d.]+ [KMGT]?i?B)"
    r"|(?P<time>\b\d+(?:\.\d+)? ?(?:ms|us|s|min)\b(?: \d+(?: ?ms| s)\b)?)")
# What the machine that it runs in decides.
LEFT_OUT = re.compile(r"^ *(CPU|Memory|Mem peak|Mem|Tasks|IO|IP|CGroup): ")


class Even:
    def __init__(self, text):
        self.marks = [int(float(mark)) for mark in re.findall(r"^\x01([\d.]+)$", text, re.M)]
        self.ids, self.hashes = {}, {}
        for found in re.findall(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b", text):
            self.ids.setdefault(found, f"{hashlib.sha256(str(len(self.ids)).encode()).hexdigest()[:8]}")

    def when(self, then):
        """The time of the command that was typed last before; the day before where there was none, the day after for
        what is to happen some day."""
        number = sum(mark <= then for mark in self.marks)
        if then > self.marks[-1] + 600:
            return time.gmtime(NINE + 86400)
        return time.gmtime(NINE + 60 * (number - 1) if number else NINE - 86400)

    def is_today(self, text):
        """Of the days on which it ran, or the next; not of what is in the orders."""
        then = calendar.timegm(time.strptime(text, "%Y-%m-%d"))
        return self.marks[0] - 86400 <= then <= self.marks[-1] + 86400

    def date(self, text, pattern):
        return time.strftime(pattern, self.when(calendar.timegm(time.strptime(text, pattern))))

    def token(self, match):
        text = match[0]
        if match["id"]:
            whole = next((known for known in self.ids if known.startswith(text)), None)
            stem = self.date(text[:16], "%Y%m%dT%H%M%SZ")
            return (stem + ("-" + self.ids[whole] if whole else text[16:]))[:len(text)]
        if match["iso"]:
            return self.date(text, "%Y-%m-%dT%H:%M:%SZ")
        if match["local"]:
            return self.date(text, "%a %Y-%m-%d %H:%M:%S")
        if match["minute"]:
            return self.date(text, "%Y-%m-%d %H:%M:%S" if len(text) > 16 else "%Y-%m-%d %H:%M")
        if match["day"]:  # it may end while this goes on
            return time.strftime("%Y-%m-%d", time.gmtime(NINE)) if self.is_today(text) else text
        if match["syslog"]:
            year = time.gmtime(self.marks[0]).tm_year
            then = calendar.timegm(time.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S"))
            return time.strftime("%b %d %H:%M:%S", self.when(then))
        if match["hash"]:
            return self.hashes.setdefault(text, hashlib.md5(b"%d" % len(self.hashes)).hexdigest())
        if match["job"] or match["process"]:
            return "1234"
        if match["rate"]:
            return "250.0 MiB/s"
        if match["changed"]:
            return "12.0 KiB"
        if match["space"]:
            return "3.7 GiB"
        return {" ": "1.2 s"}.get(re.sub(r"[^ ]", "", text)[:1], "1.2s")

    def line(self, line):
        return TOKENS.sub(self.token, line)

    def table(self, lines):
        """Lines below one of headings, to be told by its capitals. Columns are where all of them have a space."""
        values = {}

        def hide(match):
            """As long as what it stands for, and without a space."""
            mark = chr(0xE000 + len(values))
            values[mark] = self.token(match)
            return mark + "\uf8ff" * (len(match[0]) - 1)

        def show(cell):
            return re.sub("[\ue000-\uf8fe]\uf8ff*", lambda found: values[found[0][0]], cell)

        hidden = [TOKENS.sub(hide, line) for line in lines]
        width = max(map(len, hidden))
        hidden = [line.ljust(width) for line in hidden]
        gaps = [all(line[at] == " " for line in hidden) for at in range(width)]
        columns, begin = [], None
        for at in range(width + 1):
            if at < width and not gaps[at]:
                begin = at if begin is None else begin
            elif begin is not None:
                columns.append((begin, at))
                begin = None
        result = ["" for _ in lines]
        for begin, end in columns:
            raw = [line[begin:end] for line in hidden]
            cells = [show(cell.strip()) for cell in raw]
            # Cells may all be as wide as the heading.
            numbers = all(re.fullmatch(r"[\d.]+ (s|B|[KMGT]iB)", cell) for cell in cells[1:])
            right = all(cell[-1] != " " for cell in raw) and (
                numbers or any(cell[0] == " " for cell in raw))
            longest = max(map(len, cells))
            for i, cell in enumerate(cells):
                result[i] += (cell.rjust(longest) if right else cell.ljust(longest)) + " "
        return [line.rstrip() for line in result]


def heading(line):
    return re.fullmatch(r"[A-Z]{2,}( +[A-Z]{2,})+", line) is not None


PROGRAMS = ("migratectl", "systemctl", "journalctl", "sudo")


def chunks(text):
    """What stays on one line, with the blanks before it: words, commands, amounts. As ctl/terminal/wrap.c."""
    result, before = [], ""
    for blanks, word in re.findall(r"( *)([^ ]+)", text):
        last = result[-1] if result else ""
        if before == "command" and not last.endswith((",", ";", ".", ")")):
            result[-1] += blanks + word
            continue
        if before == "number" and re.fullmatch(r"(?:[KMGTP]?i?B|ms|s|min|h|days?)(?:/s)?[^a-z]*", word):
            result[-1] += blanks + word
            before = ""
            continue
        begins = word.lstrip("(") in PROGRAMS and (not last or last.endswith(":") or len(blanks) > 1 or word[0] == "(")
        before = "command" if begins or last.endswith("run:") else "number" if re.fullmatch(r"\(?[\d.]+", word) else ""
        result.append(blanks + word)
    return result


def wrap(text, indent):
    lines, line = [], ""
    for chunk in chunks(text):
        if line and len(line) + len(chunk) > COLUMNS:
            lines.append(line)
            chunk = chunk.lstrip()
            line = " " * (indent if indent + len(chunk) <= COLUMNS else min(indent, 4)) + chunk
        else:
            line += chunk
    return [*lines, line]


def is_field(line):
    return re.match(r" {0,12}[A-Z][a-z]+(?: [a-z]+)?: ", line) is not None and line.index(":") == 13


def unwrap(lines):
    """The first line, with those that continue it, their indentation, and how many they are."""
    line, indent, at = lines[0], 15 if is_field(lines[0]) else 4, 1
    width = len(line)
    while at < len(lines) and re.match(r" {2,}\S", lines[at]) and not is_field(lines[at]) \
            and width + 1 + len(chunks(lines[at])[0].strip()) > COLUMNS:
        if at == 1:
            indent = len(lines[at]) - len(lines[at].lstrip())
        width = len(lines[at])
        line += " " + lines[at].lstrip()
        at += 1
    return line, indent, at


def fold(line):
    return [line[at:at + COLUMNS] for at in range(0, len(line), COLUMNS)] or [""]


def main():
    text = sys.stdin.read()
    even = Even(text)
    lines = [line for line in text.split("\n") if not line.startswith("\x01")]
    output, shown, ours, at = [], False, False, 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("```"):
            shown = not shown and line == "```console"
            ours = shown and "migratectl" in lines[at]
            output.append(line)
        elif not shown:
            output.append(line)
        elif heading(line):
            rows = [line]
            while lines[at] and not lines[at].startswith("```"):
                rows.append(lines[at])
                at += 1
            output += [part for row in even.table(rows) for part in fold(row)]
        elif ours:
            line, indent, n = unwrap(lines[at - 1:])
            at += n - 1
            output += [part for whole in wrap(even.line(line), indent) for part in fold(whole)]
        elif not LEFT_OUT.match(line):
            output += fold(even.line(line))
    # What ends in the second in which it began is shown with one time, and now everything does.
    print(re.sub(r"^ {6}Started: (.*)\n {5}Finished: \1$", r"         When: \1", "\n".join(output), flags=re.M).rstrip("\n"))


if __name__ == "__main__":
    main()
