#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A terminal of 80 columns: prints the path of its tty, and, once a line comes on standard input, what is left to be
read on it, as somebody would see it who scrolls back. What was overwritten or erased meanwhile is gone.

    terminal.py [REGEX ANSWER]…

Types ANSWER (and Enter) as soon as what was printed since the last one matches REGEX. A line that went on at the right
margin is printed as one. Understands what our programs and systemd's use; anything else is an error."""

import codecs
import fcntl
import os
import re
import select
import struct
import sys
import termios

COLUMNS, ROWS = 80, 24
SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?]*)([A-Za-z])|\]([^\x07\x1b]*)(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[=>78])")


class Screen:
    """Rows of characters; wrapped[row]: the row goes on in the next one."""

    def __init__(self):
        self.rows, self.wrapped = [[]], [False]
        self.row = self.column = 0
        self.wraps = True

    def down(self):
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([])
            self.wrapped.append(False)

    def put(self, character):
        if self.column == COLUMNS:
            if self.wraps:
                self.wrapped[self.row] = True
                self.down()
                self.column = 0
            else:
                self.column -= 1
        row = self.rows[self.row]
        row.extend(" " * (self.column + 1 - len(row)))
        row[self.column] = character
        self.column += 1

    def erase_line(self, how):
        row = self.rows[self.row]
        if how == 0:
            del row[self.column:]
            self.wrapped[self.row] = False
        elif how == 1:
            row[:self.column + 1] = " " * min(len(row), self.column + 1)
        else:
            row.clear()
            self.wrapped[self.row] = False

    def control(self, arguments, command):
        number = int(arguments) if arguments.isdigit() else 0
        if command == "K":
            self.erase_line(number)
        elif command == "J" and number == 0:
            self.erase_line(0)
            for row in range(self.row + 1, len(self.rows)):
                self.rows[row].clear()
                self.wrapped[row] = False
        elif command == "A":
            self.row = max(0, self.row - max(1, number))
        elif command == "B":
            for _ in range(max(1, number)):
                self.down()
        elif command == "C":
            self.column = min(COLUMNS - 1, self.column + max(1, number))
        elif command == "D":
            self.column = max(0, self.column - max(1, number))
        elif command == "G":
            self.column = max(1, number) - 1
        elif arguments == "?7":
            self.wraps = command == "h"
        elif command not in "mhlt":
            raise ValueError(f"a control sequence that this terminal does not know: {arguments}{command}")

    def feed(self, text):
        """Returns what is the beginning of a sequence that has not come whole yet."""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                match = SEQUENCE.match(text, at)
                if not match:
                    if len(text) - at > 4096:
                        raise ValueError(f"no control sequence: {text[at:at + 20]!r}")
                    return text[at:]
                if match[2]:
                    self.control(match[1], match[2])
                at = match.end()
                continue
            if character == "\r":
                self.column = 0
            elif character == "\n":
                self.down()
            elif character == "\b":
                self.column = max(0, self.column - 1)
            elif character == "\t":
                self.column = min(COLUMNS - 1, self.column // 8 * 8 + 8)
            elif character >= " ":
                self.put(character)
            at += 1
        return ""

    def lines(self):
        line, result = "", []
        for row, wrapped in zip(self.rows, self.wrapped):
            line += "".join(row)
            if not wrapped:
                result.append(line.rstrip())
                line = ""
        return result


def main():
    answers = list(zip(sys.argv[1::2], sys.argv[2::2]))
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    print(os.ttyname(slave), flush=True)
    screen, rest, since = Screen(), "", ""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        ready = select.select([master, sys.stdin], [], [])[0]
        if master in ready:
            text = decoder.decode(os.read(master, 65536))
            since += text
            rest = screen.feed(rest + text)
            if answers and re.search(answers[0][0], since):
                os.write(master, answers.pop(0)[1].encode() + b"\n")
                since = ""
        elif ready:
            break
    if answers:
        sys.exit(f"terminal.py: nothing asked for {answers[0][1]!r}: {since[-500:]!r}")
    text = "\n".join(screen.lines()).rstrip("\n")
    if text:
        print(text)


if __name__ == "__main__":
    main()
