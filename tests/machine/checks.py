# SPDX-License-Identifier: MIT
"""Checks that print TAP, for tests in Python; tap.sh is for shell scripts. The name of a check is a sentence that is true
if the check passes."""

import re

DETAILS_MAX = 60
count = failures = 0


def report(ok, name, detail=""):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    for line in [] if ok else str(detail).splitlines()[-DETAILS_MAX:]:
        print(f"# {line}")


def skip(name, reason):
    report(True, f"{name} # SKIP {reason}")


def same(name, got, wanted):
    report(got == wanted, name, f"got {got!r}\nwanted {wanted!r}")


def like(name, text, *patterns):
    missing = [pattern for pattern in patterns if not re.search(pattern, text, re.S | re.M)]
    report(not missing, name, f"no {missing} in:\n{text}")


def unlike(name, text, pattern):
    report(not re.search(pattern, text, re.S | re.M), name, f"there is {pattern} in:\n{text}")


def finish():
    """Prints the plan; returns the exit status."""
    print(f"1..{count}")
    return failures > 0
