# SPDX-License-Identifier: MIT
"""The ground of the crash suites: the helper, run by itself on file systems of its own, cut off or
failed at a system call, and what has to be true of the files afterwards.

A suite that imports this runs again in a mount and a PID namespace of its own, whose root is a
small file system with this machine's /usr in it. Whatever it makes ends with it. Standard library
only."""

import atexit
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HELPER = '/opt/systemd-migrate'
STORE = '/var/lib/migrate/app'
DECLARATION = '/etc/migrate.d/app.ini'
DETAILS_MAX = 30

# What changes a file system, or says that a change is on disk.
CHANGING = ('write', 'pwrite64', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir',
            'mkdir', 'mkdirat', 'link', 'linkat', 'symlink', 'symlinkat', 'mknod', 'mknodat',
            'fsync', 'fdatasync', 'syncfs', 'setxattr', 'lsetxattr', 'fsetxattr', 'removexattr',
            'lremovexattr', 'fremovexattr', 'chown', 'fchown', 'lchown', 'fchownat', 'chmod',
            'fchmod', 'fchmodat', 'utimensat', 'ftruncate', 'fallocate', 'copy_file_range', 'ioctl',
            'creat', 'openat', 'open')
# What else can fail.
READING = ('read', 'pread64', 'readlink', 'readlinkat', 'newfstatat', 'fstat', 'lstat', 'stat',
           'statx', 'fstatfs', 'statfs', 'faccessat', 'faccessat2', 'access', 'getdents64', 'lseek',
           'fgetxattr', 'getxattr', 'flistxattr', 'flock', 'fcntl', 'close', 'dup', 'pipe2',
           'getrandom', 'mmap', 'brk', 'socketpair', 'clone', 'clone3', 'fork', 'vfork', 'ppoll', 'poll',
           'epoll_create1', 'epoll_ctl', 'epoll_wait', 'signalfd4', 'pidfd_open', 'pidfd_send_signal',
           'timerfd_create', 'open_tree', 'move_mount', 'mount_setattr', 'fsopen', 'fsmount',
           'fsconfig', 'mount', 'umount2', 'waitid', 'wait4', 'memfd_create', 'openat2', 'prctl')


class Tap:
    def __init__(self):
        self.run = self.failed = 0

    def ok(self, good, title, *details):
        self.run += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.run} - {title}'.replace('#', r'\#'))
        lines = [line for detail in details for line in str(detail).split('\n')] if not good else []
        for line in lines[:DETAILS_MAX]:
            print(f'#   {line}')
        if len(lines) > DETAILS_MAX:
            print(f'#   and {len(lines) - DETAILS_MAX} lines more')
        sys.stdout.flush()

    def remark(self, text):
        print(f'# {text}')
        sys.stdout.flush()

    def skip_all(self, reason):
        print(f'1..0 # SKIP {reason}')
        sys.exit(0)

    def done(self):
        print(f'1..{self.run}')
        sys.exit(self.failed > 0)


class Tally:
    """What was found wrong over many points."""

    def __init__(self):
        self.points = self.hits = 0
        self.problems = {}  # of each point: what, and what the helper had said

    def add(self, where, what, problems, output=''):
        found = [f'{what}: {problem}' for problem in problems]
        if found:
            self.problems.setdefault(where, []).extend(found + [output] * bool(output))

    def details(self):
        """The first problem of each point, then all that is known about the first point."""
        lines = [f'{where}: {problems[0]}' for where, problems in self.problems.items()]
        return lines[:DETAILS_MAX // 2] + [f'… {len(lines)} points, of the first:'] + [
            line for problems in list(self.problems.values())[:1] for line in problems]


def expect(outcome, *statuses):
    if outcome.status not in statuses:
        yield f'exit status {outcome.status}\n{outcome.output}'


### the ground


def command(*argv, **options):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **options).stdout


def make_file_system(kind, image, point):
    size = {'ext4': '192M', 'xfs': '384M', 'btrfs': '256M'}[kind]
    make = {'ext4': ['mkfs.ext4', '-q', '-F'], 'xfs': ['mkfs.xfs', '-q', '-m', 'reflink=1'],
            'btrfs': ['mkfs.btrfs', '-q']}[kind]
    command('truncate', '-s', size, image)
    command(*make, image)
    os.makedirs(point, exist_ok=True)
    # no flushes reach a disk: nothing here looks at what a power cut would leave
    command('mount', '-t', kind, '-o', 'loop', image, point)
    os.unlink(image)


def enter(tap):
    """Makes the ground and goes there. ext4 below /, and file systems to use at /fs/KIND."""
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if os.geteuid() != 0:
        tap.skip_all('mounting needs root')
    for tool in ('strace', 'mkfs.ext4', 'mkfs.xfs', 'mkfs.btrfs'):
        if not shutil.which(tool):
            tap.skip_all(f'there is no {tool}')
    if 'CRASH_GROUND' not in os.environ:
        ground = tempfile.mkdtemp(prefix='migrate-crash.', dir=best_directory())
        os.environ['CRASH_GROUND'] = ground
        os.environ['CRASH_HELPER'] = find_helper()
        status = subprocess.call(['unshare', '--mount', '--pid', '--fork', '--kill-child',
                                  '--mount-proc', sys.executable, '-B'] + sys.argv)
        shutil.rmtree(ground, ignore_errors=True)
        sys.exit(status)

    ground, helper = os.environ.pop('CRASH_GROUND'), os.environ.pop('CRASH_HELPER')
    root = ground + '/root'
    make_file_system('ext4', ground + '/image', root)
    for directory in ('usr', 'proc', 'dev', 'run', 'tmp', 'etc/migrate.d', 'opt', 'var/lib', 'srv',
                      'outside'):
        os.makedirs(f'{root}/{directory}')
    for kind in ('ext4', 'xfs', 'btrfs'):
        make_file_system(kind, ground + '/image', f'{root}/fs/{kind}')
    for name in ('bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'):
        if os.path.islink('/' + name):
            os.symlink(os.readlink('/' + name), f'{root}/{name}')
        elif os.path.isdir('/' + name):
            os.makedirs(f'{root}/{name}')
            command('mount', '--bind', '/' + name, f'{root}/{name}')
    for name in ('ld.so.cache', 'passwd', 'group', 'nsswitch.conf'):
        if os.path.exists('/etc/' + name):
            shutil.copy('/etc/' + name, root + '/etc/')
    shutil.copy(helper, root + HELPER)
    os.chmod(root + '/tmp', 0o1777)
    command('mount', '--rbind', '/usr', root + '/usr')
    command('mount', '--rbind', '/dev', root + '/dev')
    command('mount', '-t', 'proc', 'proc', root + '/proc')
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(root)
    if libc.syscall(155, b'.', b'outside') < 0:  # pivot_root(2)
        raise OSError(ctypes.get_errno(), 'pivot_root')
    os.chdir('/')
    command('umount', '--lazy', '/outside')


def find_helper():
    """As ./check has installed it, else built here."""
    programs = command(os.path.join(HERE, '../system/install.sh')).strip()
    for directory, _, names in os.walk(programs):
        if 'systemd-migrate' in names and os.path.isfile(f'{directory}/systemd-migrate'):
            return f'{directory}/systemd-migrate'
    raise FileNotFoundError('systemd-migrate')


def best_directory():
    """Memory, where there is plenty: every point writes and removes some hundred files."""
    try:
        room = os.statvfs('/dev/shm')
        if room.f_bavail * room.f_frsize > 2 << 30:
            return '/dev/shm'
    except OSError:
        pass
    return '/var/tmp'


### scenarios


SCRIPT = '''#!/bin/sh -e
# old content goes, new content comes, in every place
i=1
while eval "place=\\${STATE_$i-}"; [ -n "$place" ]; do
        echo "$TO" >"$place/version"
        echo "migrated to $TO" >>"$place/data/letters"
        rm "$place/old-$FROM"
        echo "$TO" >"$place/new-$TO"
        i=$((i + 1))
done
echo "the script went from $FROM to $TO"
'''


class Scenario:
    """A service called app, at version 1, whose software wants 2."""

    def __init__(self, title, directories, stamped=True, file_systems=None, before=None):
        self.title = title
        self.directories = directories
        self.stamped = stamped
        self.file_systems = file_systems or {}  # where to mount which
        self.before = before                    # called once it is set up
        self.kept = None                        # the transaction whose failed clone is kept
        self.bases = {STORE}
        for directory in directories:
            for point in self.file_systems:
                if directory.startswith(point + '/'):
                    self.bases.add(f'{point}/.migrate/app')

    def declare(self, version='2'):
        with open(DECLARATION, 'w') as file:
            file.write('[State]\n' + ''.join(f'Directory={d}\n' for d in self.directories) +
                       f'Version={version}\n' + ('' if self.stamped else 'Unversioned=1\n'))
        os.makedirs('/etc/migrate.d/app', exist_ok=True)
        with open('/etc/migrate.d/app/up.ini', 'w') as file:
            file.write('[Migration]\nFrom=1\nTo=2\n\n[Up]\nScript=/opt/up\nVerify=/opt/verify\n')

    def enter(self):
        with open('/opt/up', 'w') as file:
            file.write(SCRIPT)
        with open('/opt/verify', 'w') as file:
            file.write('#!/bin/sh\n[ "$(cat "$STATE/version")" = "$TO" ]\n')
        os.chmod('/opt/up', 0o755)
        os.chmod('/opt/verify', 0o755)
        self.mounted = []
        for point, kind in self.file_systems.items():
            os.makedirs(point, exist_ok=True)
            command('mount', '--bind', f'/fs/{kind}', point)
            self.mounted.append(point)
        self.declare()

    def leave(self):
        self.clear()
        for point in reversed(self.mounted):
            command('umount', point)

    def clear(self):
        for path in ['/var/lib', '/srv'] + list(self.file_systems):
            for name in os.listdir(path):
                if f'{path}/{name}' not in self.file_systems:
                    remove(f'{path}/{name}')

    def reset(self):
        """The state as it is before the migration, and nothing else."""
        self.clear()
        self.declare()
        for directory in self.directories:
            make_state(directory, self.stamped)
        self.originals = {d: tree(d) for d in self.directories}
        if self.before:
            self.before(self)


def fail_once(scenario):
    """Before this attempt there was one whose script failed: its clone is kept, and somebody has
    said that it is to be tried again."""
    with open('/opt/up') as file:
        script = file.read()
    with open('/opt/up', 'w') as file:
        file.write('#!/bin/sh\necho 1 >"$STATE/half-done"\nexit 1\n')
    outcome = helper('run', 'app')
    with open('/opt/up', 'w') as file:
        file.write(script)
    failed = record('failed')
    if outcome.status != 1 or not failed or len(backups(scenario)) != 1:
        raise AssertionError('the attempt did not fail:\n' + outcome.output)
    failed['retry'] = 1
    with open(f'{STORE}/failed', 'w') as file:
        json.dump(failed, file)
    scenario.kept = failed['id']


# The scenarios that everything is tried in; the others are for --all.
USUAL = ('one directory', 'two directories on two file systems')


def scenarios():
    return [
        Scenario('one directory', ['/var/lib/app']),
        Scenario('two directories on two file systems', ['/var/lib/app', '/srv/app'],
                 file_systems={'/srv': 'xfs'}),
        Scenario('two directories of one name on one file system',
                 ['/var/lib/app', '/var/lib/other/app']),
        Scenario('a subvolume', ['/srv/pool/app'], file_systems={'/srv/pool': 'btrfs'}),
        Scenario('no stamp before', ['/var/lib/app', '/srv/app'], stamped=False,
                 file_systems={'/srv': 'ext4'}),
        Scenario('another try after a failure', ['/var/lib/app', '/srv/app'],
                 file_systems={'/srv': 'xfs'}, before=fail_once),
    ]


def remove(path):
    if not os.path.islink(path) and os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def write(path, text, mode=0o640, owner=(1234, 1235)):
    with open(path, 'w') as file:
        file.write(text)
    os.chmod(path, mode)
    os.chown(path, *owner)


def make_state(directory, stamped):
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    if directory.startswith('/srv/pool/'):
        command('btrfs', 'subvolume', 'create', directory)
    else:
        os.mkdir(directory)
    os.mkdir(directory + '/data', 0o750)
    write(directory + '/version', '1\n')
    write(directory + '/old-1', 'old\n')
    write(directory + '/data/letters', 'a\nb\nc\n' * 100)
    os.link(directory + '/data/letters', directory + '/data/same')
    os.symlink('data/letters', directory + '/link')
    os.mkfifo(directory + '/fifo')
    os.setxattr(directory + '/data/letters', 'user.note', b'kept')
    with open(directory + '/data/sparse', 'wb') as file:
        file.seek(1 << 20)
        file.write(b'end')
    if stamped:
        write(directory + '/.stateversion.app=1', '', 0o444)
        # an earlier migration's, on a state that had one
        os.setxattr(directory, 'trusted.migrate.transaction', b'20200202T020202Z-02020202')
    os.chown(directory + '/data', 1234, 1235)
    os.chown(directory, 1234, 1235)
    os.utime(directory, (1000000000, 1000000000))


### looking


def entry_of(path, ctime):
    st = os.lstat(path)
    kind = stat.S_IFMT(st.st_mode)
    content = None
    if kind == stat.S_IFREG:
        with open(path, 'rb') as file:
            content = hashlib.sha256(file.read()).hexdigest()[:16]
    elif kind == stat.S_IFLNK:
        content = os.readlink(path)
    attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False))
                       for name in sorted(os.listxattr(path, follow_symlinks=False)))
    return (oct(st.st_mode), st.st_uid, st.st_gid, st.st_nlink if kind != stat.S_IFDIR else 0,
            st.st_size if kind != stat.S_IFDIR else 0, st.st_mtime_ns, content, attributes,
            st.st_ino, st.st_ctime_ns if ctime else 0)


def tree(top, ctime_of_top=False):
    """Every entry with all that can be said of it but the atime. The ctime of the root is left out
    unless asked for: an exchange changes that, and on XFS the mtime too."""
    result = {'.': entry_of(top, ctime_of_top)}
    for directory, directories, files in os.walk(top):
        for name in directories + files:
            path = f'{directory}/{name}'
            result[os.path.relpath(path, top)] = entry_of(path, True)
    return result


def unstamped(entries):
    """Without the stamp and the times of the root: a backup gets its stamp where it had none."""
    result = {name: entry for name, entry in entries.items() if '.stateversion.' not in name}
    result['.'] = result['.'][:5] + result['.'][6:9]
    return result


def differences(got, wanted):
    for name in sorted(set(got) | set(wanted)):
        if got.get(name) != wanted.get(name):
            yield f'{name}: {got.get(name)} instead of {wanted.get(name)}'


def stamps(directory):
    return sorted(name.split('=', 1)[1] for name in os.listdir(directory)
                  if name.startswith('.stateversion.app='))


def data_version(directory):
    """Of the content: 1 and 2 leave no doubt, anything else is a mixture."""
    with open(directory + '/version') as file:
        version = file.read().strip()
    with open(directory + '/data/letters') as file:
        migrated = 'migrated to' in file.read()
    found = (version, os.path.exists(directory + '/old-1'), os.path.exists(directory + '/new-2'),
             migrated)
    return {('1', True, False, False): '1', ('2', False, True, True): '2'}.get(found, str(found))


def backups(scenario):
    """{ID: {entry: path}} of everything below the places for clones and backups."""
    found = {}
    for base in scenario.bases:
        directory = f'{base}/backups'
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            for entry in os.listdir(f'{directory}/{name}'):
                found.setdefault(name, {})[f'{base}:{entry}'] = f'{directory}/{name}/{entry}'
            found.setdefault(name, {})
    return found


def has(record):
    return os.path.lexists(f'{STORE}/{record}')


def record(name):
    try:
        with open(f'{STORE}/{name}') as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def history():
    try:
        with open(f'{STORE}/history') as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []


def gate_is_open(scenario, version):
    """The generated assertions of a declaration with this version."""
    if has('transaction'):
        return False
    return all(os.path.lexists(f'{directory}/.stateversion.app={version}') or
               has(f'fresh={version}') for directory in scenario.directories)


def everything(scenario):
    result = {}
    for path in ['/var/lib', '/srv'] + list(scenario.file_systems):
        for name, entry in tree(path).items():
            result[f'{path}/{name}'] = entry
    return result


### what has to hold


def check_instant(scenario, exchanged=False):
    """At every instant: data and stamp of a place agree, a gate that is open is one for the version
    that all data has, and the original is somewhere, whole. exchanged: it may have been, and back."""
    versions = {d: data_version(d) for d in scenario.directories}
    for directory, version in versions.items():
        if version not in ('1', '2'):
            yield f'{directory} is a mixture: {version}'
        elif stamps(directory) != [version] and (stamps(directory) or scenario.stamped):
            yield f'{directory} holds {version} and is stamped {stamps(directory)}'
    for wanted in ('1', '2'):
        if gate_is_open(scenario, wanted) and set(versions.values()) != {wanted}:
            yield f'a service that wants {wanted} would start on {versions}'
    yield from check_originals(scenario, exchanged)


def check_originals(scenario, exchanged=False):
    kept = [path for entries in backups(scenario).values() for path in entries.values()
            if os.path.isdir(path)]
    for directory, original in scenario.originals.items():
        candidates = [directory] + kept
        if not any(same_original(tree(path), original, path != directory or exchanged)
                   for path in candidates):
            yield f'the original of {directory} is nowhere'
            yield from list(differences(tree(directory), original))[:5]


def same_original(found, original, moved):
    return found == original or moved and unstamped(found) == unstamped(original)


def check_settled(scenario):
    """Nothing is in flight: wholly old without a trace, or wholly new with one backup."""
    yield from check_instant(scenario)
    if has('transaction'):
        yield 'there still is a transaction'
        return
    versions = {data_version(d) for d in scenario.directories}
    if versions == {'1'}:
        yield from check_old(scenario)
    elif versions == {'2'}:
        yield from check_new(scenario)
    else:
        yield f'neither old nor new: {versions}'
    yield from check_leftovers(scenario)


def check_leftovers(scenario):
    for directory in scenario.directories:
        for name in os.listdir(os.path.dirname(directory)):
            if name.startswith('.migrate-probe'):
                yield f'a probe was left in {os.path.dirname(directory)}'


def check_old(scenario, kept=None, exchanged=False):
    for directory, original in scenario.originals.items():
        if not same_original(tree(directory), original, exchanged):
            yield from differences(tree(directory), original)
    if set(backups(scenario)) - {kept, scenario.kept}:
        yield f'something was left of a migration that was not done: {backups(scenario)}'


def check_new(scenario):
    found = backups(scenario)
    if len(found) != 1:
        yield f'not one backup but {found}'
        return
    identity, entries = next(iter(found.items()))
    trees = {key: path for key, path in entries.items() if os.path.isdir(path)}
    if len(trees) != len(scenario.directories):
        yield f'the backup has not all places: {entries}'
    for directory in scenario.directories:
        if not any(unstamped(tree(path)) == unstamped(scenario.originals[directory])
                   for path in trees.values()):
            yield f'the backup of {directory} is not what was there'
    for path in trees.values():
        if stamps(path) != ['1']:
            yield f'the backup {path} is stamped {stamps(path)}'
    manifest = f'{STORE}/backups/{identity}/manifest'
    if not os.path.exists(manifest):
        yield f'the backup {identity} has no manifest'
    else:
        with open(manifest) as file:
            manifest = json.load(file)
        if (manifest.get('id'), manifest.get('from'), manifest.get('to')) != (identity, '1', '2'):
            yield f'the manifest says {manifest}'
    if not has('post'):
        yield 'nothing says that the service has yet to start'


def check_final(scenario, history_may_miss=False):
    """After everything went well: new, once."""
    yield from check_settled(scenario)
    for directory in scenario.directories:
        if data_version(directory) != '2':
            yield f'{directory} is at {data_version(directory)}'
    for name in ('failed', 'interrupted', 'requested'):
        if has(name):
            yield f'the record {name} is left'
    for base in scenario.bases:
        for name in os.listdir(base):
            if name.endswith('.new'):
                yield f'a half-written {base}/{name} is left'
    done = [entry for entry in history() if entry.get('result') == 'done']
    if len(done) != 1 and not (history_may_miss and not done):
        yield f'the history tells of {len(done)} migrations that were done'


### running


class Outcome:
    def __init__(self, status, output):
        self.status, self.output = status, output


def helper(*arguments, tracer=()):
    """Runs it to its end. One that hangs is an outcome too."""
    process = subprocess.Popen([*tracer, HELPER, *arguments], stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors='replace')
    try:
        output = process.communicate(timeout=20)[0]
    except subprocess.TimeoutExpired:
        for pid in everybody():
            os.kill(int(pid), signal.SIGKILL)
        output = process.communicate()[0]
        return Outcome(-1, output + 'it hangs\n')
    return Outcome(process.returncode, output)


def everybody():
    """Whoever else is in this PID namespace."""
    return [pid for pid in os.listdir('/proc')
            if pid.isdigit() and int(pid) != os.getpid() and not is_zombie(pid)]


def wait_for_nobody():
    """Until this process is alone: what a killed helper had started must die with it."""
    deadline = time.monotonic() + 10
    while True:
        reap()
        others = everybody()
        if not others:
            return []
        if time.monotonic() > deadline:
            return [f'process {pid} outlived the helper: {command_line(pid)}' for pid in others]
        time.sleep(0.001)


def is_zombie(pid):
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] in 'ZX'
    except OSError:
        return True


def command_line(pid):
    try:
        with open(f'/proc/{pid}/cmdline') as file:
            return file.read().replace('\0', ' ')
    except OSError:
        return '?'


def reap():
    """This is PID 1 of its namespace."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


CALL = re.compile(r'^(?:\d+ +)?(\w+)\((.*)')


def trace(names, *arguments):
    """The system calls of a run's main thread, in order: [(name, how many of that name before it
    plus one, the rest of the line)], and the run's outcome."""
    log = '/tmp/trace'
    outcome = helper(*arguments, tracer=('strace', '-qq', '-o', log, '-e',
                                         'signal=none', '-e', 'trace=' + existing(names)))
    counts, calls = {}, []
    with open(log, errors='replace') as file:
        for line in file:
            match = CALL.match(line)
            if match:
                name = match.group(1)
                counts[name] = counts.get(name, 0) + 1
                calls.append((name, counts[name], match.group(2)))
    return calls, outcome


_known = {}


def existing(names):
    """Those that this machine has, as a set for strace."""
    for name in names:
        if name not in _known:
            _known[name] = subprocess.run(['strace', '-qq', '-e', f'trace={name}', '-o', '/dev/null',
                                           'true'], capture_output=True).returncode == 0
    return ','.join(name for name in names if _known[name])


def inject(name, count, what, *arguments, follow=False):
    tracer = ['strace', '-qq', '-o', '/dev/null', '-e', 'signal=none', '-e', f'trace={name}', '-e',
              f'inject={name}:{what}:when={count}']
    if follow:
        tracer.insert(1, '-f')
    return helper(*arguments, tracer=tracer)


def changes(call):
    """Is this a call that can change something? openat() that only reads is none."""
    name, _, rest = call
    if name in ('openat', 'open'):
        return 'O_CREAT' in rest or 'O_TRUNC' in rest
    return name in CHANGING


def sample(points, n, always=lambda point: False):
    """n of them, evenly, and all those that are always wanted."""
    if n is None or len(points) <= n:
        return points
    chosen = {round(i * (len(points) - 1) / (n - 1)) for i in range(n)}
    return [point for i, point in enumerate(points) if i in chosen or always(point)]
