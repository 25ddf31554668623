# SPDX-License-Identifier: MIT
"""Power cuts: what disks hold if the power goes at some instant of a log that disk.py has recorded.

Any part of what was written since the last flush of a disk may be there: nothing, all, the first writes, all but one
write, any others, a part of a write. Each such state of the disks is a cut, and is tried once."""

import os
import random
import threading
import time

import calls
import ground
from disk import FLUSHED, MARKED, Recorder
from ground import DISKS

PAGE, SECTOR = 4096, 512


class Disks:
    """File systems on images of their own, which can be reset, or set to a cut."""

    def __init__(self):
        for kind in ground.KINDS:
            ground.make_file_system(kind, f'{DISKS}/empty-{kind}')

    def mount(self, points):
        """Empty ones. points: {where: kind}"""
        self.points = points
        self.images = [f'{DISKS}/disk-{i}' for i in range(len(points))]
        for image, kind in zip(self.images, points.values()):
            copy(f'{DISKS}/empty-{kind}', image)
        self.mount_images(self.images)

    def mount_images(self, images):
        done = []
        try:
            for image, (point, kind) in zip(images, self.points.items()):
                os.makedirs(point, exist_ok=True)
                ground.mount_image(image, point, kind)
                done.append(point)
        except OSError:
            self.umount(done)
            raise

    def umount(self, points=None):
        for point in reversed(list(self.points) if points is None else points):
            ground.umount(point)

    def record(self, base, action):
        """The log of what the action writes to copies of the images in base, with a mark where the action returned."""
        for source, target in zip(base, self.images):
            copy(source, target)
        recorder = Recorder(self.images)
        self.mount_images(recorder.paths)
        try:
            result = action()
            recorder.mark()
        finally:
            self.umount()
            log = recorder.end()
        return log, result


def copy(source, target):
    with open(source, 'rb') as a, open(target, 'wb') as b:
        ground.copy_sparse(a.fileno(), b.fileno())


class Noise:
    """Syncs file systems all the time while the helper is slowed down, so that every change may be on disk before the
    helper has recorded it."""

    tracer = ['strace', '-qq', '-o', '/dev/null', '-e', 'signal=none']

    def __init__(self, points):
        names = calls.existing(calls.CHANGING)
        self.slowed = (*self.tracer, '-e', f'trace={names}', '-e', f'inject={names}:delay_enter=1500')
        self.points = points

    def __enter__(self):
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()

    def run(self):
        while not self.end.is_set():
            for point in self.points:
                ground.syncfs(point)
            time.sleep(0.0003)


class Cut:
    """A state of the disks: how many writes of each were flushed, and which later writes are there. torn: (disk,
    write, ranges), a write of which only these ranges are there."""

    def __init__(self, what, counts, extras, committed, torn=None):
        self.what, self.counts, self.extras = what, tuple(counts), extras
        self.committed, self.torn = committed, torn

    def key(self):
        """The same key for cuts after which the disks hold the same data."""
        state = []
        for count, extra in zip(self.counts, self.extras):
            extra = set(extra)
            while count in extra:
                extra.remove(count)
                count += 1
            state.append((count, tuple(sorted(extra))))
        return str((state, self.torn, self.committed))


class Cuts:
    """All cuts of a log that are tried. n: random ones at each flush."""

    def __init__(self, log, n_disks, n, seed):
        self.log, self.n = log, n
        self.random = random.Random(seed)
        self.writes = [[] for _ in range(n_disks)]  # of each disk: (offset, data)
        self.counts = [0] * n_disks                 # of these, how many are flushed
        self.flushes = 0

    def __iter__(self):
        """Cuts in the order of the log."""
        seen, committed = set(), False
        for disk, offset, data in self.log + [(i, FLUSHED, None) for i in range(len(self.writes))]:
            if offset == MARKED:
                committed = True
            elif offset != FLUSHED:
                self.writes[disk].append((offset, data))
            else:
                self.flushes += 1
                for cut in self.cuts_before_flush(disk, committed):
                    if cut.key() not in seen:
                        seen.add(cut.key())
                        yield cut
                self.counts[disk] = len(self.writes[disk])

    def pending(self, disk):
        return list(range(self.counts[disk], len(self.writes[disk])))

    def cuts_before_flush(self, disk, committed):
        pending = [self.pending(i) for i in range(len(self.writes))]
        yield self.cut('all', [p if i == disk else [] for i, p in enumerate(pending)], committed)
        yield self.cut('none', [[] for _ in pending], committed)
        if len(pending) > 1:
            yield self.cut('all of all disks', pending, committed)
        if not pending[disk]:
            return
        for _ in range(self.n):
            extras = [self.some(p, self.random.choice(('none', 'all', 'some')))[1] for p in pending]
            what, extras[disk] = self.some(pending[disk])
            torn = None
            if extras[disk] and self.random.random() < 0.3:
                torn = self.tear(disk, self.random.choice(extras[disk]))
            yield self.cut(what, extras, committed, torn)

    def cut(self, what, extras, committed, torn=None):
        title = ', '.join(f'{c}+{e}' if e else f'{c}' for c, e in zip(self.counts, extras))
        if torn:
            title += f', of {torn[1]} {len(torn[2])} parts'
        return Cut(f'after writes {title} ({what})', self.counts, extras, committed, torn)

    def some(self, pending, how=None):
        how = how or self.random.choice(('first', 'but one', 'one', 'some', 'some'))
        if how == 'none' or not pending:
            return how, []
        if how == 'all':
            return how, pending
        if how == 'first':
            return how, pending[:self.random.randint(1, len(pending))]
        one = self.random.choice(pending)
        if how == 'but one':
            return how, [i for i in pending if i != one]
        if how == 'one':
            return how, [one]
        return how, [i for i in pending if self.random.random() < 0.5]

    def tear(self, disk, i):
        """Data, which is text, may be written in part up to any sector; blocks of the file system itself are written as
        a whole or not."""
        data = self.writes[disk][i][1]
        unit = SECTOR if data[:64].isascii() and data[:64].decode().isprintable() else PAGE
        parts = [at for at in range(0, len(data), unit) if self.random.random() < 0.5]
        return (disk, i, [(at, at + unit) for at in parts]) if len(data) > unit else None


class Replay:
    """Makes the images of one cut after the other. base: the images when the log began."""

    def __init__(self, base, name):
        self.durable = [f'{DISKS}/durable-{name}-{i}' for i in range(len(base))]
        self.images = [f'{DISKS}/cut-{name}-{i}' for i in range(len(base))]
        self.applied = [0] * len(base)
        for source, target in zip(base, self.durable):
            copy(source, target)

    def make(self, all_writes, cut):
        for i, writes in enumerate(all_writes):
            with open(self.durable[i], 'r+b') as file:
                for offset, data in writes[self.applied[i]:cut.counts[i]]:
                    os.pwrite(file.fileno(), data, offset)
            self.applied[i] = cut.counts[i]
            copy(self.durable[i], self.images[i])
            with open(self.images[i], 'r+b') as file:
                for j in cut.extras[i]:
                    offset, data = writes[j]
                    for begin, end in self.parts(cut, i, j, len(data)):
                        os.pwrite(file.fileno(), data[begin:end], offset + begin)

    @staticmethod
    def parts(cut, disk, write, length):
        if cut.torn and cut.torn[:2] == (disk, write):
            return cut.torn[2]
        return [(0, length)]

    def remove(self):
        for path in self.durable + self.images:
            os.unlink(path)


def keep(images):
    """Copies of the images, to start from later."""
    kept = [image + '-kept' for image in images]
    for source, target in zip(images, kept):
        copy(source, target)
    return kept
