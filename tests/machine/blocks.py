#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is to be typed in a guide, to be run by a test.

    blocks.py GUIDE.md DIRECTORY [HEADING]

Writes the blocks below HEADING (default: all) to DIRECTORY, as 01.sh, 02.ini and so on. A script says at its end which
of its commands failed ("failed: COMMAND", on descriptor 9), and whether what it shows is what the guide says in a
comment behind the command ("as written: COMMAND" or "not as written: COMMAND")."""

import pathlib
import re
import shlex
import sys


def promises(block):
    """(command, what it prints): files that `ls -A` shows, and lines of `grep`."""
    for line in block.splitlines():
        found = re.match(r"((?:ls -A|grep) .*?\S) +# (.*)", line)
        if not found:
            continue
        files = re.search(r"(\.stateversion\S*(?:  \S+)*)", found[2])
        if found[1].startswith("grep"):
            yield found[1], found[2]
        elif files:
            yield found[1], "\n".join(word.rstrip(":") for word in files[1].split())


def script(block):
    text = 'sudo() { "$@"; }\nset -E\ntrap \'echo "failed: $BASH_COMMAND" >&9\' ERR\n' + block + "trap - ERR\n"
    for command, wanted in promises(block):
        sort = "" if command.startswith("grep") else " | LC_ALL=C sort"
        text += (f'if [ "$({command}{sort})" = {shlex.quote(wanted)} ]; then echo -n "as written: " >&9\n'
                 f'else echo -n "not as written: " >&9; fi; echo {shlex.quote(command)} >&9\n')
    return text


def main():
    text = pathlib.Path(sys.argv[1]).read_text()
    if len(sys.argv) > 3:
        text = text.split(f"\n## {sys.argv[3]}\n", 1)[1].split("\n## ", 1)[0]
    directory = pathlib.Path(sys.argv[2])
    for i, (language, block) in enumerate(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.S | re.M), 1):
        (directory / f"{i:02}.{language}").write_text(script(block) if language == "sh" else block)


if __name__ == "__main__":
    main()
