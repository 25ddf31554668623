# SPDX-License-Identifier: MIT
"""What the module's sources can say: the text of each assertion, warning and refusal, as a pattern. A
test that has provoked all it can hands over what was said, and learns what nobody has heard."""

import re

STARTS = {
    "assertion": r'\bmessage = "',
    "warning": r'\bwarnings = lib\.optional \([^;"]*\)\s*"',
    "refusal": r'\bthrow\s+"',
}
# What there are as many of: none is written in a way that is not understood here.
SIGNS = {"assertion": r"\bassertion = ", "warning": r"\bwarnings\b", "refusal": r"\bthrow\b"}


def string(text, here):
    """The Nix string that begins here, behind its quote: its pieces, and where it ends. None stands where
    something is put in."""
    pieces = [""]
    while text[here] != '"':
        if text.startswith("${", here):
            here = behind_brace(text, here + 2)
            pieces += [None, ""]
        else:
            here += text[here] == "\\"
            pieces[-1] += text[here]
            here += 1
    return pieces, here + 1


def behind_brace(text, here):
    while text[here] != "}":
        if text[here] == '"':
            here = string(text, here + 1)[1]
        else:
            here = behind_brace(text, here + 1) if text[here] == "{" else here + 1
    return here + 1


class Message:
    def __init__(self, path, text, match):
        pieces = string(text, match.end())[0]
        self.name = f"{path.name}:{text.count(chr(10), 0, match.end()) + 1}: " + \
            "".join("…" if piece is None else piece for piece in pieces)
        self.pattern = re.compile("".join(".*" if piece is None else re.escape(piece) for piece in pieces))


def messages(kind, *directories):
    """All messages of a kind in the Nix files of the directories, and how many there must be."""
    found, wanted = [], 0
    for path in (path for directory in directories for path in sorted(directory.glob("*.nix"))):
        text = re.sub(r"^[ \t]*#.*$", "", path.read_text(), flags=re.M)
        found += [Message(path, text, match) for match in re.finditer(STARTS[kind], text)]
        wanted += len(re.findall(SIGNS[kind], text))
    return found, wanted


def judge(report, kind, said, *directories):
    """Each message of that kind is among what was said by cases that expect it."""
    found, wanted = messages(kind, *directories)
    report(found and len(found) == wanted, f"each {kind} in the sources is found", f"{len(found)}, of {wanted}")
    for message in found:
        report(any(message.pattern.search(one) for one in said), f"a case provokes the {kind} of {message.name}",
               "\n".join(line for one in said for line in one.splitlines() if "migrations" in line))
