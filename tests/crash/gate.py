# SPDX-License-Identifier: MIT
"""The assertions of the generated gates, checked as PID 1 checks them."""

import glob
import os
import shutil

from ground import GENERATOR, command

ASSERT, ASSERT_GLOB = 'AssertPathExists=', 'AssertPathExistsGlob='


class Gate:
    """The gate of the present declaration, with the drop-in of the service, and the targets that demand mounts."""

    def __init__(self):
        output = '/tmp/units'
        shutil.rmtree(output, ignore_errors=True)
        os.makedirs(output)
        command(GENERATOR, output, output, output)
        names = [name for name in os.listdir(output) if name.startswith('migrated@app-')]
        files = [f'{output}/{name}' for name in names] + [
            f'{output}/app.service.d/50-migrate-app.conf']
        self.lines = set()
        self.mounts = []
        for path in files:
            with open(path) as file:
                found = [line.rstrip('\n') for line in file if line.startswith('Assert')]
            if not any(line.startswith(ASSERT_GLOB) for line in found):
                raise AssertionError(f'{path} asserts nothing of stamps: {found}')
            self.lines.update(found)
        for name in os.listdir(output):
            if name.startswith('migrate-mounted@'):
                with open(f'{output}/{name}') as file:
                    self.mounts.append({line.rstrip('\n') for line in file if line.startswith('Assert')})

    def is_open(self):
        return all(unit_holds(lines) for lines in [self.lines, *self.mounts])


def unit_holds(lines):
    """All plain lines hold, and one of those that begin with '|'."""
    triggers = {line for line in lines if '=|' in line}
    return (all(holds(line) for line in lines - triggers) and
            (not triggers or any(holds(line.replace('=|', '=')) for line in triggers)))


def holds(line):
    if line.startswith('AssertPathIsSymbolicLink=!'):
        return not os.path.islink(line.partition('!')[2])
    if line.startswith('AssertPathIsMountPoint='):
        return os.path.ismount(os.path.realpath(line.partition('=')[2]))
    if line.startswith(ASSERT_GLOB):
        pattern = line[len(ASSERT_GLOB):].replace('%%', '%')
        return any(glob.glob(path) for path in expand(pattern))
    path = line[len(ASSERT):].replace('%%', '%')
    if path.startswith('!'):
        return not os.path.exists(path[1:])
    return os.path.exists(path)


def expand(pattern):
    """Braces, expanded as by a shell."""
    begin = pattern.find('{')
    if begin < 0:
        return [pattern]
    depth, at, parts = 0, begin + 1, []
    for i in range(begin, len(pattern)):
        depth += {'{': 1, '}': -1}.get(pattern[i], 0)
        if depth == 0 or depth == 1 and pattern[i] == ',':
            parts.append(pattern[at:i])
            at = i + 1
        if depth == 0:
            break
    return [path for part in parts for path in expand(pattern[:begin] + part + pattern[at:])]
