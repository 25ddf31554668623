# SPDX-License-Identifier: MIT
"""Running the helper, tracing its system calls, and making one of them fail or kill the helper."""

import os
import re
import signal
import subprocess
import time

from ground import HELPER

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

companions = set()  # processes of the suite itself


class Outcome:
    def __init__(self, status, output):
        self.status, self.output = status, output


def expect(outcome, *statuses):
    if outcome.status not in statuses:
        yield f'exit status {outcome.status}\n{outcome.output}'


def helper(*arguments, tracer=()):
    """Runs it to its end, and kills it if it hangs."""
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
    """The other processes in this PID namespace."""
    return [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid() and
            int(pid) not in companions and not is_zombie(pid)]


def wait_for_nobody():
    """Waits until this process is alone. Processes that a killed helper has started must die with it."""
    deadline = time.monotonic() + 60
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
    """The system calls of the main thread of a run, in order: [(name, its number among the calls of that name, the
    rest of the line)], and the outcome of the run."""
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
    """The names that this machine has, as a set for strace."""
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
    """Whether a call can change something; openat() alone cannot if it only reads."""
    name, _, rest = call
    if name in ('openat', 'open'):
        return 'O_CREAT' in rest or 'O_TRUNC' in rest
    return name in CHANGING


def title_of(call):
    name, count, rest = call
    return f'{name} {count}, {rest[:60]}'
