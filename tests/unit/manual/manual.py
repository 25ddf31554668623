# SPDX-License-Identifier: MIT
"""Shared by the tests of the manual: pages as plain words, and checks that print TAP."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
MAN = ROOT / "man"
sys.path.insert(0, str(ROOT / "tests/machine"))
from checks import finish, report, skip  # noqa: E402,F401


def same(name, code, manual):
    """Both sides have the same words, and at least one."""
    code, manual = set(code), set(manual)
    detail = [f"not in the manual: {x}" for x in sorted(code - manual)]
    detail += [f"not in the code: {x}" for x in sorted(manual - code)]
    if not code:
        detail = ["nothing was found in the code: has its layout changed?"]
    report(not detail, name, "\n".join(detail))


def source(path):
    return (ROOT / path).read_text()


def between(text, begin, end):
    """The text between two strings; empty if they are missing, which same() reports."""
    if begin not in text:
        return ""
    text = text.split(begin, 1)[1]
    return text.split(end, 1)[0]


# --- pages ----------------------------------------------------------------------------------------


PARAGRAPH = "\N{PILCROW SIGN}"


class Page:
    """A page as plain words, without macros and escapes, by sections."""

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
        """A section, with PARAGRAPH at the beginning of each paragraph."""
        return "\n".join(PARAGRAPH if line in (".PP", ".TP") else self.plain(line)
                         for line in self.sections.get(section, []))

    def tags(self, section):
        """The terms that a section explains: the lines after .TP."""
        lines = self.sections.get(section, [])
        return [self.plain(after) for line, after in zip(lines, lines[1:]) if line == ".TP"]

    def whole(self):
        return "\n".join(self.plain(line) for line in self.lines)


def words(tags, pattern):
    return [word for tag in tags for word in re.findall(pattern, tag)]
