#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of units in docs/security.md against the units: each unit has a row, and a row has the score of
systemd-analyze security and the settings that are on. The scores are those of systemd 252; other releases have others.

usage: test-security.py GENERATOR"""

import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
RELEASE = 252
count = 0


def ok(passed, label, *details):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {label}')
    for detail in details if not passed else ():
        print(f'# {detail}')


def skip(label, why):
    global count
    count += 1
    print(f'ok {count} - {label} # SKIP {why}')


def release():
    """The release of systemd-analyze, or None."""
    try:
        run = subprocess.run(['systemd-analyze', '--version'], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    found = re.match(r'systemd (\d+)', run.stdout)
    return int(found[1]) if found else None


def units(directory, generator):
    """All services of ours, as files in a directory."""
    for source in sorted((TOP / 'units').glob('*.service.in')):
        (directory / source.name[:-3]).write_text(re.sub(r'@[A-Z]+@', '/bin/true', source.read_text()))
    root = directory / 'root'
    (root / 'etc/migrate.d').mkdir(parents=True)
    (root / 'etc/migrate.d/app.ini').write_text('[State]\nDirectory=/var/lib/app\nVersion=2\nPolicy=manual\n')
    output = directory / 'output'
    output.mkdir()
    subprocess.run([generator, f'--root={root}', *[output] * 3], check=True)
    for source in sorted(output.glob('migrate*.service')):
        (directory / source.name).write_text(re.sub(r'(?m)^ExecStart=.*', 'ExecStart=/bin/true', source.read_text()))
    return sorted(directory.glob('*.service'))


def score(unit):
    run = subprocess.run(['systemd-analyze', 'security', '--offline=yes', '--no-pager', unit], capture_output=True,
                         text=True, env={'LC_ALL': 'C', 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
    found = re.search(r'Overall exposure level for .*: ([0-9.]+)', run.stdout)
    return found[1] if found else run.stderr


def main():
    text = (TOP / 'docs/security.md').read_text()
    rows = {cells[0].strip('` '): cells for cells in
            (line.strip('| ').split(' | ') for line in text.splitlines() if line.startswith('| `migrate'))}
    found = release()
    with tempfile.TemporaryDirectory() as temporary:
        paths = units(pathlib.Path(temporary), sys.argv[1])
        for path in paths:
            name = path.name.replace('@app', '@')
            row = rows.pop(name, None)
            ok(row and len(row) == 4, f'the table of units has a row with four cells for {name}')
            if not row:
                continue
            lines = path.read_text()
            for key in re.findall(r'`([A-Z]\w+)=`', row[2]):
                ok(re.search(rf'(?m)^{key}=(?!no$)', lines), f'{name} has {key}=, as its row says')
            for key in re.findall(r'`([A-Z]\w+)=`', row[3]):
                ok(not re.search(rf'(?m)^{key}=', lines), f'{name} has no {key}=, as its row says')
            label = f'the row of {name} has the score of systemd-analyze security'
            if found != RELEASE:
                skip(label, f'needs systemd {RELEASE}')
            else:
                ok(score(path) == row[1].strip(), label, f'got: {score(path)}', f'wanted: {row[1]}')
    ok(not rows, 'every row of the table of units is a unit', *rows)
    print(f'1..{count}')
    return 0


sys.exit(main())
