# SPDX-License-Identifier: MIT
"""The text of each assertion, warning and refusal in the module's sources, as a pattern. A test hands over the messages
that it has provoked, and each message of the sources must be among them."""

import re

STARTS = {
    "assertion": r'\bmessage = "',
    "warning": r'\bwarnings = lib\.optional \([^;"]*\)\s*"',
    "refusal": r'\bthrow\s+"',
}
# There must be as many of these as patterns, or a message is written in a way that STARTS does not find.
SIGNS = {"assertion": r"\bassertion = ", "warning": r"\bwarnings\b", "refusal": r"\bthrow\b"}


def string(text, here):
    """The Nix string that begins here, after its quote: its pieces, with None for each ${}, and where it ends."""
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
    """Each message of the kind was printed by a case that expects it."""
    found, wanted = messages(kind, *directories)
    report(found and len(found) == wanted, f"this test finds every {kind} in the sources", f"{len(found)}, of {wanted}")
    for message in found:
        report(any(message.pattern.search(one) for one in said), f"a case provokes the {kind} of {message.name}",
               "\n".join(line for one in said for line in one.splitlines() if "migrations" in line))
