# SPDX-License-Identifier: MIT
"""Scenarios in which a directory stays and its entries are exchanged one by one: mount points, and states with an
excluded part."""

import os
import subprocess

import ground
import scenario
import state
from calls import expect
from scenario import STORE, Scenario, has
from state import ATTRIBUTES, MARK, STAMP, differences, replaced, stamps, tree

BASE = '.migrate'


def copied(entry):
    """An entry that was moved, or copied if it could not be moved: a copy of a file loses its other names."""
    return entry[:3] + (0,) + replaced(entry, INODE=0, CTIME=0)[4:]


def movable(entries):
    """All of it, without the stamp and an earlier transaction's mark."""
    result = {name: copied(entry) for name, entry in entries.items() if not name.startswith(STAMP)}
    attributes = [pair for pair in result['.'][ATTRIBUTES] if pair[0] != MARK]
    result['.'] = replaced(result['.'], MTIME=0, ATTRIBUTES=tuple(attributes))
    return result


class Entries(Scenario):
    """The primary directory is a mount point unless it has excluded ones; others may be anything."""

    def __init__(self, title, directories, exclude=(), **options):
        super().__init__(title, directories, **options)
        self.exclude = exclude
        for directory in directories:
            if directory in self.elsewhere or self.subvolume:
                self.bases.add(f'{directory}/{BASE}/app')

    def more_of_declaration(self):
        return super().more_of_declaration() + ''.join(f'Exclude={path}\n' for path in self.exclude)

    def clear(self):
        for point in self.mounted:
            os.chown(point, 0, 0)  # the volumes are used again
        for path in [*self.mounted, *self.directories]:
            if os.path.isdir(f'{path}/{BASE}'):
                subprocess.run(['chattr', '-i', f'{path}/{BASE}'], check=False,
                               stderr=subprocess.DEVNULL)
        super().clear()

    def reset(self):
        super().reset()
        self.make_excluded()
        self.originals = {d: self.look(d) for d in self.directories}
        self.contents[self.first] = {d: state.content(t) for d, t in self.originals.items()}

    def make_excluded(self):
        self.untouched = {}
        for path in self.exclude:
            os.makedirs(path, 0o750)
            state.write(f'{path}/big', 'never touched\n')
            os.chown(path, *state.OWNER)
            self.untouched[path] = tree(path)
        for directory in self.directories:
            for name in ('data', '.'):
                os.utime(f'{directory}/{name}', (1000000000, 1000000000))

    def look(self, directory, path=None):
        """All of it but what is excluded; of a backup of it, if that is the path."""
        out = [os.path.relpath(path, directory) for path in self.exclude
               if path.startswith(directory + '/')]
        return {name: entry for name, entry in tree(path or directory).items()
                if not any(name == path or name.startswith(path + '/') for path in out)}

    def is_between(self, directory):
        return any(':' in version for version in stamps(directory))

    def version_of(self, directory):
        found = state.content(self.look(directory))
        for version, contents in self.contents.items():
            if state.equal(found, contents[directory]):
                return version
        return 'between' if self.is_between(directory) else super().version_of(directory)

    def instant(self, exchanged=False):
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            between = self.is_between(directory)
            if version not in self.contents and not between:
                yield f'{directory} is a mixture: {version}'
            elif not between and stamps(directory) != [version] and (
                    stamps(directory) or self.stamped):
                yield f'{directory} holds {version} and is stamped {stamps(directory)}'
        yield from self.openings(versions)
        yield from self.losses(exchanged)

    def losses(self, exchanged):
        for path, untouched in self.untouched.items():
            if tree(path) != untouched:
                yield f'{path} was touched'
                yield from differences(tree(path), untouched)
        there = [tree(path) for path in self.directories] + [
            tree(path) for entries in self.backups().values() for path in entries.values()
            if os.path.isdir(path)]
        for directory, original in self.originals.items():
            for name, entry in original.items():
                if name in ('.', 'data') or name.startswith(STAMP):
                    continue
                if not any(copied(found[name]) == copied(entry) for found in there
                           if name in found):
                    yield f'{directory}/{name} of the original is nowhere'

    def settled(self):
        for directory in self.directories:
            if self.is_between(directory):
                yield f'{directory} is still between versions'
        yield from super().settled()

    def old(self, kept=None, exchanged=False):
        for directory, original in self.originals.items():
            yield from differences(self.timed(directory), self.timed(directory, original))
        if set(self.backups()) - {kept, self.kept}:
            yield f'something was left of a migration that was not done: {self.backups()}'

    def seen(self, entries):
        """Without the root's times: .migrate comes and goes."""
        return movable(entries)

    def timed(self, directory, entries=None):
        """The root's times may have been those of a begin that was taken back."""
        return movable(entries or self.look(directory))

    def new(self):
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        found = self.backups()
        if len(found) != 1:
            yield f'not one backup but {found}'
            return
        identity, entries = next(iter(found.items()))
        paths = [path for path in entries.values() if os.path.isdir(path)]
        if len(paths) != len(self.directories):
            yield f'the backup has not all places, or too much: {entries}'
        for directory in self.directories:
            wanted = movable(self.originals[directory])
            if not any(movable(tree(path)) == wanted for path in paths):
                yield f'the backup of {directory} is not what was there'
                for path in paths:
                    yield from list(differences(movable(tree(path)), wanted))[:6]
        for path in paths:
            if stamps(path) != [self.first]:
                yield f'the backup {path} is stamped {stamps(path)}'
        yield from self.manifest(identity)
        if not has('post'):
            yield 'nothing says that the service has yet to start'


class InPlace(Entries):
    """Scripts run on the directory itself; what was cloned is the backup, or comes back."""

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Protect=in-place\n'


class Linked(Scenario):
    """As with DynamicUser=: by a symbolic link, in a directory that only root can enter."""

    link, real = '/var/lib/app', '/var/lib/private/app'

    def __init__(self, title, **options):
        super().__init__(title, [self.real], **options)

    def declare(self, version):
        super().declare(version)
        with open(scenario.DECLARATION) as file:
            text = file.read()
        with open(scenario.DECLARATION, 'w') as file:
            file.write(text.replace(f'Directory={self.real}', f'Directory={self.link}'))

    def clear(self):
        if os.path.islink(self.link):
            os.unlink(self.link)
        super().clear()

    def reset(self):
        super().reset()
        os.chmod(os.path.dirname(self.real), 0o700)
        os.symlink('private/app', self.link)


class Overlay(Entries):
    """All of the state is in a lower layer, so that directories can only be copied."""

    top = '/var/lib/merged'

    def __init__(self, title, **options):
        super().__init__(title, [f'{self.top}/app'], **options)
        self.bases = {STORE, f'{self.top}/{BASE}/app'}

    def clear(self):
        while os.path.ismount(self.top):
            ground.umount(self.top)
        super().clear()

    def reset(self):
        self.clear()
        for name in ('lower', 'upper', 'work', 'merged'):
            os.mkdir(f'/var/lib/{name}')
        state.make_state('/var/lib/lower/app', self.first, self.stamped)
        ground.mount('overlay', self.top, 'overlay', 'lowerdir=/var/lib/lower,'
                     'upperdir=/var/lib/upper,workdir=/var/lib/work,redirect_dir=off')
        self.untouched = {}
        self.originals = {d: tree(d) for d in self.directories}
        self.contents[self.first] = {d: state.content(t) for d, t in self.originals.items()}


def scenarios():
    return [
        Linked('a link into a closed directory'),
        InPlace('in place in a mount point', ['/srv'], elsewhere=['/srv']),
        Overlay('an overlay', kinds=['ext4', 'xfs']),
        Entries('a mount point', ['/srv'], elsewhere=['/srv'], usual=True),
        Entries('a mount point and a directory', ['/var/lib/app', '/srv'], elsewhere=['/srv']),
        Entries('a mount point without a stamp', ['/srv'], elsewhere=['/srv'], stamped=False),
        Entries('a subvolume with an excluded part', ['/var/lib/app'], kinds=['btrfs'],
                subvolume=True, exclude=['/var/lib/app/media']),
        Entries('an excluded part', ['/var/lib/app'],
                exclude=['/var/lib/app/media', '/var/lib/app/data/uploads'], usual=True),
    ]
