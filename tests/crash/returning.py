# SPDX-License-Identifier: MIT
"""Scenarios in which a backup is restored entry by entry, or with the stamp in the store."""

import os

import state
from calls import helper
from entries import Entries, movable
from restoring import Restoring, Undone
from scenario import STORE, has
from state import STAMP, content, differences, make_state, stamps, timeless, tree


class Returning(Restoring, Entries):
    """At least one of the directories stays, and its entries are exchanged."""

    in_directories = True  # the stamps
    notes = False

    def reset(self):
        self.clear()
        for directory in self.directories:
            make_state(directory, self.last, self.in_directories, self.subvolume)
        self.stamp()
        self.make_excluded()
        self.wanted = {d: movable(self.look(d)) for d in self.directories}
        self.contents[self.last] = {d: content(self.look(d)) for d in self.directories}
        self.declare(self.first)
        outcome = helper('run', 'app')
        if outcome.status != 0:
            raise AssertionError('no backup could be made:\n' + outcome.output)
        self.declare(self.last)
        self.identity, = self.backups()
        self.originals = {d: self.look(d) for d in self.directories}
        self.contents[self.first] = {d: timeless(content(t), self.contents[self.last][d])
                                     for d, t in self.originals.items()}

    def stamp(self):
        pass

    def everywhere(self):
        return [tree(path) for path in self.directories] + [
            tree(path) for entries in self.backups().values() for path in entries.values()
            if os.path.isdir(path)]

    def losses(self, exchanged):
        """Entries of the state and of the backup that are in neither any more."""
        for path, untouched in self.untouched.items():
            yield from differences(tree(path), untouched)
        there = [movable(found) for found in self.everywhere()]
        for trees in (self.originals, self.wanted):
            for directory, wanted in trees.items():
                for name, entry in movable(wanted).items():
                    if name not in ('.', 'data') and all(f.get(name) != entry for f in there):
                        yield f'{name} of {directory} is nowhere'

    def old(self, kept=None, exchanged=False):
        for directory, original in self.originals.items():
            yield from differences(movable(self.look(directory)), movable(original))
        found = self.backups()
        if list(found) != [self.identity]:
            yield f'the backups are {found}'
            return
        yield from self.backup_is(found[self.identity], self.wanted)
        if not has(f'backups/{self.identity}/manifest'):
            yield 'the backup has no manifest'

    def backup_is(self, entries, wanted):
        paths = [path for path in entries.values() if os.path.isdir(path)]
        if len(paths) != len(self.directories):
            yield f'the backup has not all places, or too much: {entries}'
        for directory in self.directories:
            found = [movable(self.look(directory, path)) for path in paths]
            if movable(wanted[directory]) not in found:
                yield f'the backup of {directory} is not what was there'
                for one in found:
                    yield from list(differences(one, movable(wanted[directory])))[:6]

    def new(self):
        for directory, wanted in self.wanted.items():
            yield from differences(movable(self.look(directory)), wanted)
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        found = self.backups()
        if len(found) != 1:
            yield f'not one backup but {found}'
            return
        identity, entries = next(iter(found.items()))
        yield from self.backup_is(entries, self.originals)
        for path in entries.values():
            if os.path.isdir(path) and stamps(path) != ([self.first] if self.in_directories else []):
                yield f'the backup {path} is stamped {stamps(path)}'
        yield from self.manifest(identity)
        if not has('post'):
            yield 'nothing says that the service has yet to start'


class Unasked(Undone, Returning):
    """The state is untouched, also after an attempt that was taken back."""


class StandIns(Returning):
    """The backup is a clone, in which empty directories stand for what was excluded."""

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Protect=in-place\n'


class Apart(Returning):
    """The stamp is in the store."""

    in_directories = False

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Stamp=store\n'

    def stamp(self):
        os.makedirs(STORE, 0o700)
        state.write(f'{STORE}/{STAMP}{self.last}', '', 0o444, (0, 0))

    def instant(self, exchanged=False):
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            between = self.is_between(directory)
            if version not in self.contents and not between:
                yield f'{directory} is a mixture: {version}'
            elif not between and stamps(directory):
                yield f'{directory} is stamped {stamps(directory)}'
        if len(stamps(STORE)) > 1 and not has('transaction'):
            yield f'the store has the stamps {stamps(STORE)}'
        yield from self.openings(versions)
        yield from self.losses(exchanged)

    def settled(self):
        yield from super().settled()
        versions = {self.version_of(d) for d in self.directories}
        if set(stamps(STORE)) != versions:
            yield f'the directories are at {versions}, the store says {stamps(STORE)}'


def scenarios():
    media = ['/var/lib/app/media', '/var/lib/app/data/uploads']
    return [
        Returning('restore of a mount point', ['/srv'], elsewhere=['/srv'], usual=True),
        Unasked('an untouched mount point goes back', ['/srv'], elsewhere=['/srv']),
        Returning('restore around an excluded part', ['/var/lib/app'], exclude=media),
        Unasked('an untouched state with excluded parts goes back', ['/var/lib/app'], exclude=media),
        Returning('restore of a mount point and a directory', ['/var/lib/app', '/srv'],
                  elsewhere=['/srv']),
        Returning('restore of a directory, and around an excluded part',
                  ['/var/lib/app', '/srv/app'], elsewhere=['/srv'], exclude=['/var/lib/app/media']),
        StandIns('restore of a clone with empty excluded directories', ['/var/lib/app'], exclude=media),
        Apart('restore with the stamp in the store', ['/var/lib/app', '/srv/app'],
              elsewhere=['/srv']),
        Apart('restore of a mount point with the stamp in the store', ['/srv'],
              elsewhere=['/srv']),
    ]
