# SPDX-License-Identifier: MIT
"""The ground of the crash suites: mount and PID namespaces of their own, whose root is a small file system with the /usr
of this machine. All that is made there ends with it."""

import ctypes
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HELPER = '/opt/systemd-migrate'
GENERATOR = '/opt/systemd-migrate-generator'
KINDS = ('ext4', 'xfs', 'btrfs')
DISKS = '/disks'  # images, in memory where there is plenty

MAKE = {
    # small, and without anything that the kernel writes later by itself
    'ext4': ('64M', ['mkfs.ext4', '-q', '-F', '-b', '4096', '-I', '256', '-E', 'lazy_itable_init=0']),
    'xfs': ('304M', ['mkfs.xfs', '-q', '-m', 'reflink=1']),
    'btrfs': ('128M', ['mkfs.btrfs', '-q', '-m', 'single']),
}
OPTIONS = {'ext4': '', 'xfs': '', 'btrfs': 'nodiscard'}

LOOP_CONFIGURE, LOOP_CTL_GET_FREE, LO_FLAGS_AUTOCLEAR, EBUSY = 0x4C0A, 0x4C82, 4, 16

libc = ctypes.CDLL(None, use_errno=True)


def command(*argv, **options):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **options).stdout


def checked(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f'{what}: {os.strerror(error)}')


def mount(source, point, kind, options='', flags=0):
    checked(libc.mount(source.encode(), point.encode(), kind.encode(), flags, options.encode()),
            f'cannot mount {source} ({kind}) at {point}')


def umount(point):
    checked(libc.umount2(point.encode(), 0), f'cannot unmount {point}')


def leave_mounts(point):
    """Enters a mount namespace of its own, without the mount at point."""
    checked(libc.unshare(0x00020000), 'cannot make a mount namespace')
    checked(libc.umount2(point.encode(), 2), f'cannot detach {point}')


def syncfs(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        checked(libc.syncfs(fd), f'cannot sync {path}')
    finally:
        os.close(fd)


def mount_image(image, point, kind):
    """Mounts it by a loop device that ends with the mount."""
    fd = os.open(image, os.O_RDWR)
    control = os.open('/dev/loop-control', os.O_RDWR)
    try:
        while True:
            device = f'/dev/loop{fcntl.ioctl(control, LOOP_CTL_GET_FREE)}'
            loop = os.open(device, os.O_RDWR)
            try:
                # struct loop_config: fd, block_size, then struct loop_info64, whose lo_flags is at 52
                config = struct.pack('<II52xI', fd, 0, LO_FLAGS_AUTOCLEAR)
                fcntl.ioctl(loop, LOOP_CONFIGURE, config.ljust(304, b'\0'))
                mount(device, point, kind, OPTIONS[kind])
                return
            except OSError as error:
                # another suite was faster
                if error.errno != EBUSY:
                    raise
            finally:
                os.close(loop)
    finally:
        os.close(fd)
        os.close(control)


def make_file_system(kind, image):
    size, make = MAKE[kind]
    command('truncate', '-s', size, image)
    command(*make, image)
    command('fallocate', '--dig-holes', image)


def copy_sparse(source, target):
    """As cp --sparse=always does it, between open files, without starting it. The target is as
    long as the source."""
    os.ftruncate(target, 0)
    size = os.fstat(source).st_size
    os.ftruncate(target, size)
    at = 0
    while at < size:
        try:
            at = os.lseek(source, at, os.SEEK_DATA)
        except OSError:
            return
        end = os.lseek(source, at, os.SEEK_HOLE)
        while at < end:
            at += os.pwrite(target, os.pread(source, min(end - at, 1 << 20), at), at)


def enter(tap, tools=()):
    """Enters the ground. The calling program starts again, with a root of its own."""
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if os.geteuid() != 0:
        tap.skip_all('mounting needs root')
    for tool in ('mkfs.ext4', 'mkfs.xfs', 'mkfs.btrfs', *tools):
        if not shutil.which(tool):
            tap.skip_all(f'there is no {tool}')
    if 'CRASH_GROUND' not in os.environ:
        os.environ['CRASH_PROGRAMS'] = find_programs()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        with tempfile.TemporaryDirectory(prefix='migrate-crash.', dir=best_directory()) as ground:
            os.environ['CRASH_GROUND'] = ground
            sys.exit(subprocess.call(['unshare', '--mount', '--pid', '--fork', '--kill-child',
                                      '--mount-proc', sys.executable, '-B'] + sys.argv))
    make_root(os.environ.pop('CRASH_GROUND'), os.environ.pop('CRASH_PROGRAMS'))


def make_root(ground, programs):
    root = ground + '/root'
    command('truncate', '-s', '192M', ground + '/image')
    command('mkfs.ext4', '-q', '-F', ground + '/image')
    os.makedirs(root)
    mount_image(ground + '/image', root, 'ext4')
    os.unlink(ground + '/image')
    for directory in ('usr', 'proc', 'dev', 'run', 'tmp', 'etc/migrate.d', 'opt', 'var/lib', 'var/tmp', 'srv',
                      'outside', DISKS[1:]):
        os.makedirs(f'{root}/{directory}')
    for name in ('bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'):
        if os.path.islink('/' + name):
            os.symlink(os.readlink('/' + name), f'{root}/{name}')
        elif os.path.isdir('/' + name):
            os.makedirs(f'{root}/{name}')
            command('mount', '--bind', '/' + name, f'{root}/{name}')
    for name in ('ld.so.cache', 'passwd', 'group', 'nsswitch.conf'):
        if os.path.exists('/etc/' + name):
            shutil.copy('/etc/' + name, root + '/etc/')
    with open(root + '/etc/machine-id', 'w') as file:
        file.write('0123456789abcdef0123456789abcdef\n')
    for program in (HELPER, GENERATOR):
        shutil.copy(find_below(programs, os.path.basename(program)), root + program)
    for directory in ('/tmp', '/var/tmp'):
        os.chmod(root + directory, 0o1777)
    os.makedirs(ground + '/disks')
    command('mount', '--bind', ground + '/disks', root + DISKS)
    command('mount', '--rbind', '/usr', root + '/usr')
    command('mount', '--rbind', '/dev', root + '/dev')
    command('mount', '-t', 'proc', 'proc', root + '/proc')
    os.chdir(root)
    checked(libc.syscall(155, b'.', b'outside'), 'pivot_root(2)')
    os.chdir('/')
    command('umount', '--lazy', '/outside')


def find_programs():
    """$CRASH_PROGRAMS, or as ./check has installed them, else built here."""
    return (os.environ.get('CRASH_PROGRAMS') or
            command(os.path.join(HERE, '../machine/install.sh')).strip())


def find_below(top, name):
    for directory, _, names in os.walk(top):
        if name in names and os.access(f'{directory}/{name}', os.X_OK):
            return f'{directory}/{name}'
    raise FileNotFoundError(name)


def best_directory():
    """In memory if there is plenty, since every point writes and removes some hundred files."""
    try:
        room = os.statvfs('/dev/shm')
        if room.f_bavail * room.f_frsize > 2 << 30:
            return '/dev/shm'
    except OSError:
        pass
    return '/var/tmp'


class Volumes:
    """One file system of each kind, mounted where a scenario needs it. After power cuts there are disks instead
    (disk.py)."""

    def __init__(self):
        for kind in KINDS:
            image = f'{DISKS}/{kind}'
            make_file_system(kind, image)
            os.makedirs(f'/volumes/{kind}')
            mount_image(image, f'/volumes/{kind}', kind)
            os.unlink(image)

    def mount(self, points):
        """points: {where: kind}"""
        for point, kind in points.items():
            os.makedirs(point, exist_ok=True)
            command('mount', '--bind', f'/volumes/{kind}', point)
            # since the mount point itself may have been the state of the last scenario
            os.chown(point, 0, 0)
            os.chmod(point, 0o755)
            for name in os.listxattr(point):
                os.removexattr(point, name)

    def umount(self, points):
        for point in reversed(points):
            umount(point)
