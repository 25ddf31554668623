# SPDX-License-Identifier: MIT
"""Runs the generator on a root tree and looks at its output: parsed units, the conditions as systemd
would evaluate them, and systemd-analyze verify. Standard library only."""

import concurrent.futures
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DETAILS_MAX = 8
HELD_BACK = ' (its units are held back)'
PREFIX = 'systemd-migrate-generator: '

# Every file that the generator may write; a temporary file that is left over does not match.
KNOWN_OUTPUT = re.compile(
    r'migrate(-settle)?@[\w.-]+\.service|migrate-post@[\w.-]+\.service|(migrated|migrate-mounted)@[\w.\\-]+\.target'
    r'|migrate\.target\.wants/migrate@[\w.-]+\.service|migrate\.target\.d/50-migrate-[\w.-]+\.conf'
    r'|[\w:.\\@-]+\.(service|socket|timer|path)\.d/50-migrate-[\w.-]+\.conf')


class Tap:
    """Counts and prints, one line a check."""

    def __init__(self):
        self.run = self.failed = 0

    def ok(self, good, title, *details):
        self.run += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.run} - {title}'.replace('#', r'\#'))
        if not good:
            lines = [line for detail in details for line in str(detail).split('\n')]
            for line in lines[:DETAILS_MAX]:
                print(f'#   {line}')
            if len(lines) > DETAILS_MAX:
                print(f'#   … and {len(lines) - DETAILS_MAX} lines more')
        sys.stdout.flush()
        return good

    def skip(self, title, why):
        self.run += 1
        print(f'ok {self.run} - {title} # SKIP {why}')

    def done(self):
        print(f'1..{self.run}')
        return 1 if self.failed else 0


class Notes:
    """Keeps checks until a Tap prints them."""

    def __init__(self):
        self.calls = []

    def ok(self, *arguments):
        self.calls.append(('ok', arguments))
        return bool(arguments[0])

    def skip(self, *arguments):
        self.calls.append(('skip', arguments))


def run_all(tap, function, entries):
    """Calls function(tap, entry, directory) for each entry, as many at once as there are processors;
    the results are printed in the order of the entries."""
    def run_one(entry):
        notes = Notes()
        with temporary_directory() as top:
            function(notes, entry, top)
        return notes

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for notes in pool.map(run_one, entries):
            for verb, arguments in notes.calls:
                getattr(tap, verb)(*arguments)


def generator_from(argv):
    path = (argv[1] if len(argv) > 1 else os.environ.get('GENERATOR')
            or os.path.join(HERE, '../../build-dev/generator/systemd-migrate-generator'))
    if not os.access(path, os.X_OK):
        sys.exit(f'{argv[0]}: no generator at {path}: build it, or give its path as an argument')
    return os.path.abspath(path)


def temporary_directory():
    # A tmpfs lists the newest entry first, so that two trees made in opposite orders are also read
    # in opposite orders.
    where = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix='migrate-cases-', dir=where)


class Link(str):
    """The target of a symbolic link, where a file's content would stand."""


class Directory:
    """An empty directory, where a file's content would stand."""


def write_tree(top, files, backwards=False):
    """Makes files, a dictionary of relative paths to bytes, text, Link or Directory."""
    for path in sorted(files, reverse=backwards):
        full = os.path.join(os.fsencode(top), os.fsencode(path))
        content = files[path]
        os.makedirs(full if content is Directory else os.path.dirname(full), exist_ok=True)
        if isinstance(content, Link):
            os.symlink(content, full)
        elif content is not Directory:
            with open(full, 'wb') as file:
                file.write(content if isinstance(content, bytes) else content.encode())


def read_tree(top):
    files = {}
    for directory, subdirectories, names in os.walk(top):
        for name in names + [d for d in subdirectories
                             if os.path.islink(os.path.join(directory, d))]:
            full = os.path.join(directory, name)
            path = os.path.relpath(full, top)
            if os.path.islink(full):
                files[path] = Link(os.readlink(full))
            else:
                with open(full, 'rb') as file:
                    files[path] = file.read()
    return files


class Unit:
    """A parsed unit file or drop-in: its assignments in order. Like systemd, it skips lines that are
    not UTF-8."""

    def __init__(self, content):
        self.settings = []
        section = None
        for raw in content.split(b'\n'):
            try:
                line = raw.decode()
            except UnicodeDecodeError:
                continue
            if line.startswith('['):
                section = line.strip('[]')
            elif line and not line.startswith('#'):
                key, _, value = line.partition('=')
                self.settings.append((section, key, value))

    def values(self, section, key):
        return [v for s, k, v in self.settings if (s, k) == (section, key)]


def expand_braces(text):
    """Expands braces as glob(3) does with GLOB_BRACE."""
    start = text.find('{')
    if start < 0:
        return [text]
    depth, parts, begin = 0, [], start + 1
    for i in range(start, len(text)):
        depth += {'{': 1, '}': -1}.get(text[i], 0)
        if depth == 0 or (depth == 1 and text[i] == ','):
            parts.append(text[begin:i])
            begin = i + 1
        if depth == 0:
            return [expanded for part in parts
                    for expanded in expand_braces(text[:start] + part + text[i + 1:])]
    raise ValueError(f'unbalanced braces: {text}')


def condition_is_ignored(path):
    """Would systemd ignore this line with a warning? See path_is_valid() in systemd."""
    return len(path.encode()) > 4095 or any(len(part.encode()) > 255 for part in path.split('/'))


def condition_holds(key, value, paths):
    """Does a Condition…= or Assert…= (without '|') hold? None: systemd would ignore the line."""
    negated = value.startswith('!')
    path = value[negated:]
    if key.endswith('KernelCommandLine'):
        return negated
    path = path.replace('%%', '%')
    if condition_is_ignored(path):
        return None
    if key.endswith('PathExistsGlob'):
        found = any(fnmatch.fnmatchcase(p, glob) for glob in expand_braces(path) for p in paths)
    elif key.endswith('PathExists') or key.endswith('PathIsSymbolicLink'):
        found = path in paths
    elif key.endswith('PathIsMountPoint'):
        found = path + '/mounted' in paths  # by convention of the cases
    else:
        raise ValueError(f'{key}= is not known to the tests')
    return found != negated


def conditions_hold(unit, kind, paths):
    """Do all plain lines hold, and one of those that begin with '|'?"""
    every, any_of = [], []
    for _, key, value in unit.settings:
        if key.startswith(kind):
            triggering = value.startswith('|')
            result = condition_holds(key, value[triggering:], paths)
            if result is not None:
                (any_of if triggering else every).append(result)
    return all(every) and (not any_of or any(any_of))


class Output:
    """The files and messages of one run of the generator."""

    def __init__(self, files, status, stderr):
        self.files = files
        self.status = status
        self.stderr = stderr

    def find(self, pattern):
        return sorted(path for path in self.files if fnmatch.fnmatchcase(path, pattern))

    def unit(self, pattern):
        """The only file that matches the pattern, in which '*' stands for the hash of a gate."""
        found = self.find(pattern)
        if len(found) != 1:
            raise LookupError(f'{pattern} matches {len(found)} of: {" ".join(sorted(self.files))}')
        return Unit(self.files[found[0]])

    def starts(self, unit, paths):
        """Do a unit's gates and drop-ins let it start where these paths exist?"""
        drop_ins = self.find(f'{unit}.d/*.conf')
        for path in drop_ins:
            drop_in = Unit(self.files[path])
            if not conditions_hold(drop_in, 'Assert', paths):
                return False
            if not self.required_hold(drop_in, paths):
                return False
        return True

    def required_hold(self, unit, paths):
        return all(conditions_hold(gate, 'Assert', paths) and self.required_hold(gate, paths)
                   for gate in (Unit(self.files[name]) for name in unit.values('Unit', 'Requires')))

    def gate_starts(self, unit, paths):
        """Do the gates alone let it start? systemd 254 and later ignores a unit's own assertions at an
        automatic restart."""
        return all(self.required_hold(Unit(self.files[path]), paths)
                   for path in self.find(f'{unit}.d/*.conf'))

    def gated(self):
        """The units that have a drop-in."""
        return sorted({path.split('.d/')[0] for path in self.files if '.d/' in path} -
                      {'migrate.target'})

    def problems(self):
        """The lines of stderr, without the program's name."""
        return [line.removeprefix(PREFIX) for line in self.stderr.split('\n') if line]


def generate(generator, root, top, *arguments):
    """Runs the generator, which writes to a new directory below top."""
    out = tempfile.mkdtemp(dir=top)
    run = subprocess.run([generator, f'--root={root}', *arguments, out], capture_output=True)
    output = Output(read_tree(out), run.returncode,
                    run.stderr.decode(errors='surrogateescape').replace(root, ''))
    shutil.rmtree(out)
    return output


def dry_run(generator, root):
    run = subprocess.run([generator, f'--root={root}', '--dry-run'], capture_output=True)
    return run.stdout.decode(errors='surrogateescape')


def dry_run_of(output):
    """The expected output of --dry-run, sorted by file."""
    return sorted(f'{path} -> {content}\n' if isinstance(content, Link)
                  else f'{path}\n{content.decode(errors="surrogateescape")}\n'
                  for path, content in output.files.items())


# --- systemd-analyze verify ----------------------------------------------------------------------

STUBS = {
    'basic.target': '[Unit]\nDefaultDependencies=no\nRequires=sysinit.target\nAfter=sysinit.target\n',
    'sysinit.target': '[Unit]\nDefaultDependencies=no\n',
    'shutdown.target': '[Unit]\nDefaultDependencies=no\n',
    'systemd-journald.service': '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n',
    'migrate.target': '[Unit]\nDescription=Migrations\n',
}
STUB_OF_TYPE = {
    'service': '[Service]\nExecStart=/bin/true\n',
    'socket': '[Socket]\nListenStream=/run/stub\nService=stub.service\n',
    'timer': '[Timer]\nOnBootSec=1d\nUnit=stub.service\n',
    'path': '[Path]\nPathExists=/nonexistent\nUnit=stub.service\n',
    'target': '[Unit]\nDefaultDependencies=no\n',
}
NAMES_UNITS = re.compile(r'(After|Before|Requires|Requisite|Wants|BindsTo|OnFailure)=(.*)')


def systemd_version():
    """None where systemd-analyze is missing, or $VERIFY is "no"."""
    if os.environ.get('VERIFY') == 'no':
        return None
    try:
        run = subprocess.run(['systemd-analyze', '--version'], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return int(run.stdout.split()[1])


verified = {}


def verify_once(output, top, version):
    """Verifies the same tree only once."""
    key = tuple(sorted(output.files.items()))
    if key not in verified:
        verified[key] = [] if version is None else verify(output, top, version)
    return verified[key]


def verify(output, top, version, own_units={}, may_say=()):
    """Runs systemd-analyze verify on the whole tree, with a stub for each unit that a drop-in belongs
    to. Returns its complaints."""
    units = dict(own_units)
    for path, content in output.files.items():
        if isinstance(content, Link):
            units[path] = content
        else:
            # The helper is not installed where tests run.
            units[path] = re.sub(rb'(?m)^ExecStart=\S+', b'ExecStart=/bin/true', content)
    needed = {path.split('.d/')[0] for path in output.files if '.d/' in path}
    for content in output.files.values():
        for _, names in NAMES_UNITS.findall(content if isinstance(content, str)
                                            else content.decode(errors='replace')):
            needed.update(names.replace('"', '').split())
    needed.add('stub.service')
    for name in needed | set(STUBS):
        stub = STUBS.get(name) or STUB_OF_TYPE.get(name.rpartition('.')[2])
        if stub and name not in units and len(name) <= 255:
            units[name] = stub
    directory = tempfile.mkdtemp(dir=top)
    write_tree(directory, units)
    command = ['systemd-analyze', 'verify', '--man=no']
    if version >= 250:
        command.append('--recursive-errors=yes')
    # A colon would begin an alias on its command line; others lead to such a unit.
    run = subprocess.run(command + sorted(os.path.join(directory, u) for u in units
                                          if '/' not in u and ':' not in u),
                         capture_output=True, text=True, errors='replace',
                         env=dict(os.environ, SYSTEMD_UNIT_PATH=directory, SYSTEMD_LOG_COLOR='no'))
    said = run.stderr.replace(directory + '/', '')
    complaints = [line for line in said.splitlines()
                  if not any(text in line for text in may_say)]
    if run.returncode != 0 and not complaints and not may_say:
        complaints.append(f'exit status {run.returncode}')
    shutil.rmtree(directory)
    return complaints
