# SPDX-License-Identifier: MIT
"""What tests of the manual share: pages as plain words, and checks that are printed as TAP."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
MAN = ROOT / "man"
count = failures = 0


def report(ok, name, detail=""):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    for line in [] if ok else detail.splitlines():
        print(f"# {line}")


def skip(name, reason):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {reason}")


def same(name, code, manual):
    """Neither side has what the other lacks, and there is something at all."""
    code, manual = set(code), set(manual)
    detail = [f"not in the manual: {x}" for x in sorted(code - manual)]
    detail += [f"not in the code: {x}" for x in sorted(manual - code)]
    if not code:
        detail = ["nothing was found in the code: has its layout changed?"]
    report(not detail, name, "\n".join(detail))


def source(path):
    return (ROOT / path).read_text()


def between(text, begin, end):
    """What stands between two strings; empty where they are not there, which same() reports."""
    if begin not in text:
        return ""
    text = text.split(begin, 1)[1]
    return text.split(end, 1)[0]


# --- pages ----------------------------------------------------------------------------------------


PARAGRAPH = "\N{PILCROW SIGN}"


class Page:
    """A page as plain words: macros and escapes are taken away, headings and tags are kept apart."""

    def __init__(self, name):
        self.lines = (MAN / name).read_text().splitlines()
        self.sections = {}
        lines = None
        for line in self.lines:
            if line.startswith(".SH "):
                lines = self.sections.setdefault(line[4:].strip('"'), [])
            elif lines is not None:
                lines.append(line)

    @staticmethod
    def plain(line):
        line = re.sub(r'^\.(\\"|[A-Z]{2}\b|[BI]\b) ?', "", line)
        line = re.sub(r"\\f[BIRP]|\\[&%:]", "", line)
        for escape, character in ((r"\-", "-"), (r"\(ti", "~"), (r"\(ha", "^"), (r"\(aq", "'")):
            line = line.replace(escape, character)
        return line.replace('"', "")

    def text(self, section):
        """With PARAGRAPH where one begins."""
        return "\n".join(PARAGRAPH if line in (".PP", ".TP") else self.plain(line)
                         for line in self.sections.get(section, []))

    def tags(self, section):
        """What the section explains: the lines behind .TP."""
        lines = self.sections.get(section, [])
        return [self.plain(after) for line, after in zip(lines, lines[1:]) if line == ".TP"]

    def whole(self):
        return "\n".join(self.plain(line) for line in self.lines)


def words(tags, pattern):
    return [word for tag in tags for word in re.findall(pattern, tag)]


def finish():
    """Prints the plan; the exit status."""
    print(f"1..{count}")
    return failures > 0
