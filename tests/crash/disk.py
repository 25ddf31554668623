# SPDX-License-Identifier: MIT
"""Disks whose writes and flushes are all recorded, in one order.

Each is a file in a FUSE file system that a child of the suite serves, for loop devices to be set up
on. (qemu's blklogwrites records as well, but each disk for itself; what a migration over two file
systems has to get right is the order between them.) The disk is a write-back cache: what was
written since its last flush may have reached it or not, in any order."""

import errno
import os
import stat
import struct

import calls
import ground

IN_HEADER = struct.Struct('<IIQQIIII')
OUT_HEADER = struct.Struct('<IiQ')
ATTRIBUTES = struct.Struct('<QQQQQQIIIIIIIIII')
ENTRY = struct.Struct('<qii')  # offset, or FLUSH or MARK; length; disk
FLUSHED, MARKED = -1, -2
FOREVER = 1 << 20              # seconds
WRITE_MAX = 1 << 20
# linux/fuse.h
(FUSE_LOOKUP, FUSE_FORGET, FUSE_GETATTR, FUSE_OPEN, FUSE_READ, FUSE_WRITE, FUSE_STATFS,
 FUSE_RELEASE, FUSE_FSYNC, FUSE_FLUSH, FUSE_INIT, FUSE_INTERRUPT, FUSE_DESTROY,
 FUSE_BATCH_FORGET) = (1, 2, 3, 14, 15, 16, 17, 18, 20, 25, 26, 36, 38, 42)
FUSE_BIG_WRITES, FUSE_MAX_PAGES = 1 << 5, 1 << 22


class Server:
    """Serves images, which are open files, as 0, 1, …; logs each request before the answer."""

    def __init__(self, fd, images, log):
        self.fd, self.images, self.log = fd, images, log
        self.sizes = [os.fstat(image).st_size for image in images]
        nothing = lambda *_: b''  # noqa: E731
        self.actions = {
            FUSE_INIT: self.init, FUSE_LOOKUP: self.lookup, FUSE_GETATTR: self.getattr,
            FUSE_OPEN: lambda *_: bytes(16), FUSE_READ: self.read, FUSE_WRITE: self.write,
            FUSE_FSYNC: self.fsync, FUSE_STATFS: lambda *_: bytes(80), FUSE_RELEASE: nothing,
            FUSE_FLUSH: nothing, FUSE_DESTROY: nothing}

    def run(self):
        while True:
            try:
                request = os.read(self.fd, WRITE_MAX + 4096)
            except OSError as error:
                if error.errno == errno.ENODEV:  # unmounted
                    return
                if error.errno in (errno.ENOENT, errno.EINTR):
                    continue
                raise
            _, code, unique, node, *_ = IN_HEADER.unpack_from(request)
            if code in (FUSE_FORGET, FUSE_BATCH_FORGET, FUSE_INTERRUPT):
                continue
            answer, status = b'', -errno.ENOSYS
            if code in self.actions:
                answer = self.actions[code](node, request[IN_HEADER.size:])
                status = -errno.ENOENT if answer is None else 0
            answer = answer or b''
            os.write(self.fd, OUT_HEADER.pack(OUT_HEADER.size + len(answer), status, unique) + answer)

    def init(self, _, data):
        _, _, readahead, flags = struct.unpack_from('<IIII', data)
        return struct.pack('<IIIIHHIIHHI28x', 7, 31, readahead,
                           flags & (FUSE_BIG_WRITES | FUSE_MAX_PAGES), 16, 12, WRITE_MAX, 1,
                           WRITE_MAX // 4096, 0, 0)

    def attributes(self, node):
        size, mode = (0, stat.S_IFDIR | 0o700) if node == 1 else (
            self.sizes[node - 2], stat.S_IFREG | 0o600)
        return ATTRIBUTES.pack(node, size, size // 512, *[0] * 6, mode, 1, 0, 0, 0, 4096, 0)

    def lookup(self, _, data):
        name = data.rstrip(b'\0')
        if not name.isdigit() or int(name) >= len(self.images):
            return None
        node = int(name) + 2
        return struct.pack('<QQQQII', node, 0, FOREVER, FOREVER, 0, 0) + self.attributes(node)

    def getattr(self, node, _):
        return struct.pack('<QII', FOREVER, 0, 0) + self.attributes(node)

    def read(self, node, data):
        _, offset, size = struct.unpack_from('<QQI', data)
        return os.pread(self.images[node - 2], size, offset)

    def write(self, node, data):
        _, offset, size = struct.unpack_from('<QQI', data)
        data = data[40:40 + size]
        os.pwrite(self.images[node - 2], data, offset)
        os.write(self.log, ENTRY.pack(offset, size, node - 2) + data)
        return struct.pack('<II', size, 0)

    def fsync(self, node, _):
        os.write(self.log, ENTRY.pack(FLUSHED, 0, node - 2))
        return b''


class Recorder:
    """Records writes and flushes of images while these are used as Recorder.paths. mark() leaves a mark in the log."""

    def __init__(self, images):
        directory = f'{ground.DISKS}/recorder'
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.log = os.open(f'{ground.DISKS}/log', os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        fds = [os.open(image, os.O_RDWR) for image in images]
        fuse = os.open('/dev/fuse', os.O_RDWR)
        ground.mount('recorder', directory, 'fuse',
                     f'fd={fuse},rootmode=40000,user_id=0,group_id=0')
        ready, tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                # Not in the namespace of what is mounted on the disks: the last one there to be
                # killed would unmount that, and wait for ever for itself to write it.
                ground.leave_mounts(directory)
                os.write(tell, b'.')
                Server(fuse, fds, self.log).run()
            finally:
                os._exit(0)
        os.close(tell)
        os.read(ready, 1)
        os.close(ready)
        calls.companions.add(self.pid)
        for fd in [fuse] + fds:
            os.close(fd)
        self.paths = [f'{directory}/{i}' for i in range(len(images))]

    def mark(self):
        os.write(self.log, ENTRY.pack(MARKED, 0, 0))

    def end(self):
        """The log: [(disk, offset, data)], with data None for flushes and marks."""
        ground.umount(self.directory)
        os.waitpid(self.pid, 0)
        calls.companions.discard(self.pid)
        with open(self.log, 'rb') as file:
            data = file.seek(0) or file.read()
        entries, at = [], 0
        while at < len(data):
            offset, length, disk = ENTRY.unpack_from(data, at)
            at += ENTRY.size
            entries.append((disk, offset, data[at:at + length] if offset >= 0 else None))
            at += length
        return entries
