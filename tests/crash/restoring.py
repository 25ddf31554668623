# SPDX-License-Identifier: MIT
"""Scenarios in which a backup is restored."""

import os
import shutil

import state
from calls import helper
from scenario import MIGRATIONS, STORE, Scenario, has, history, record
from state import (ATTRIBUTES, MARK, content, differences, make_state, replaced, stamps, timeless,
                   tree, unstamped)


def unmarked(entries):
    """Without what a restore changes of a backup: the mark, and the times of the root."""
    result = unstamped(entries)
    attributes = tuple(pair for pair in result['.'][ATTRIBUTES] if pair[0] != MARK)
    return {**result, '.': replaced(result['.'], ATTRIBUTES=attributes)}


class Restoring(Scenario):
    """The state went from the last version to the first, which left a backup. The backup is restored, and the present
    state becomes a backup."""

    notes = True  # what comes back, before the exchange

    def __init__(self, title, directories, **options):
        super().__init__(title, directories, versions=('2', '1'), **options)
        self.identity = None

    @property
    def verb(self):
        """Once recovery has finished the restore, there is no backup to restore any more."""
        back = os.path.exists(f'{STORE}/backups/{self.identity}')
        return ('restore', 'app', self.identity) if back else ('run', 'app')

    def go_on(self):
        outcome = helper('settle', 'app')
        return helper(*self.verb) if outcome.status == 0 else outcome

    def declare_migrations(self):
        with open(f'{MIGRATIONS}/up.ini', 'w') as file:
            file.write('[Migration]\nFrom=1\nTo=2\n\n[Up]\nScript=/opt/up\n')

    def reset(self):
        self.clear()
        for directory in self.directories:
            make_state(directory, self.last, True, self.subvolume)
        self.wanted = {d: unmarked(tree(d)) for d in self.directories}
        self.contents[self.last] = {d: content(tree(d)) for d in self.directories}
        self.declare(self.first)
        outcome = helper('run', 'app')
        if outcome.status != 0:
            raise AssertionError('no backup could be made:\n' + outcome.output)
        self.declare(self.last)
        self.identity, = self.backups()
        self.originals = {d: tree(d) for d in self.directories}
        self.contents[self.first] = {d: timeless(content(t), self.contents[self.last][d])
                                     for d, t in self.originals.items()}

    learn = Scenario.succeed

    def losses(self, exchanged):
        yield from super().losses(exchanged)
        there = self.directories + [path for entries in self.backups().values()
                                    for path in entries.values() if os.path.isdir(path)]
        for directory, wanted in self.wanted.items():
            if not any(unmarked(tree(path)) == wanted for path in there):
                yield f'the backup of {directory} is nowhere'

    def old(self, kept=None, exchanged=False):
        yield from self.originals_are_live(exchanged)
        found = self.backups()
        if list(found) != [self.identity]:
            yield f'the backups are {found}'
            return
        trees = [unmarked(tree(path)) for path in found[self.identity].values()
                 if os.path.isdir(path)]
        if any(wanted not in trees for wanted in self.wanted.values()):
            yield 'the backup is not what it was'
        if not has(f'backups/{self.identity}/manifest'):
            yield 'the backup has no manifest'

    def originals_are_live(self, exchanged):
        for directory, original in self.originals.items():
            found = tree(directory)
            if exchanged:
                found, original = unstamped(found), unstamped(original)
            yield from differences(found, original)

    def new(self):
        for directory, wanted in self.wanted.items():
            yield from differences(unmarked(tree(directory)), wanted)
        yield from super().new()

    def final(self, history_may_miss=False):
        yield from self.settled()
        for directory in self.directories:
            if self.version_of(directory) != self.last:
                yield f'{directory} is at {self.version_of(directory)}'
        done = [entry.get('to') for entry in history() if entry.get('result') == 'done']
        if self.notes and not history_may_miss and not all(
                record(f'backups/{i}/manifest').get('live') for i in self.backups()):
            yield 'a manifest does not say what the state was like when it came back'
        if done != [self.first, self.last] and not (history_may_miss and done == [self.first]):
            yield f'the history tells of {done}'


class Found(Restoring):
    """The store was lost: only the manifest beside the tree tells of the backup."""

    other = '/srv/.migrate/app'

    @property
    def verb(self):
        back = os.path.exists(f'{self.other}/backups/{self.identity}')
        return ('restore', 'app', self.identity) if back else ('run', 'app')

    def reset(self):
        super().reset()
        shutil.rmtree(STORE)

    def old(self, kept=None, exchanged=False):
        yield from self.originals_are_live(exchanged)
        if list(self.backups()) != [self.identity]:
            yield f'the backups are {self.backups()}'
        elif not os.path.exists(f'{self.other}/backups/{self.identity}/manifest'):
            yield 'the backup has no manifest'

    def final(self, history_may_miss=False):
        yield from self.settled()
        for directory in self.directories:
            if self.version_of(directory) != self.last:
                yield f'{directory} is at {self.version_of(directory)}'
        done = [entry.get('to') for entry in history() if entry.get('result') == 'done']
        if done != [self.last] and not (history_may_miss and not done):
            yield f'the history tells of {done}'


class Undone(Restoring):
    """The backup comes back without a request: the state is untouched, and the declaration is the older one again."""

    verb = ('run', 'app')


class Lost(Restoring):
    """A restore after the directories were removed or emptied: nothing is there that could become a backup, and nothing
    may be left beside the state."""

    def __init__(self, title, directories, missing=True, **options):
        super().__init__(title, directories, **options)
        self.missing = missing

    def reset(self):
        super().reset()
        for directory in self.directories:
            if self.missing:
                state.remove(directory)
            else:
                for name in os.listdir(directory):
                    state.remove(f'{directory}/{name}')

    @staticmethod
    def is_nothing(directory):
        return not os.path.isdir(directory) or not os.listdir(directory)

    def version_of(self, directory):
        return self.first if self.is_nothing(directory) else super().version_of(directory)

    def instant(self, exchanged=False):
        there = [d for d in self.directories if not self.is_nothing(d)]
        for directory in there:
            if self.version_of(directory) != self.last or stamps(directory) != [self.last]:
                yield f'{directory} is a mixture'
        if self.gates[self.first].is_open():
            yield 'software of the version that is gone would start'
        if self.gates[self.last].is_open() and there != self.directories:
            yield f'the service would start, but there is only {there}'
        yield from self.losses(exchanged)

    def losses(self, exchanged):
        there = self.directories + [path for entries in self.backups().values()
                                    for path in entries.values() if os.path.isdir(path)]
        for directory, wanted in self.wanted.items():
            if not any(unmarked(tree(path)) == wanted for path in there if os.path.isdir(path)):
                yield f'the backup of {directory} is nowhere'

    def is_old(self):
        return all(self.is_nothing(d) for d in self.directories)

    def originals_are_live(self, exchanged):
        for directory in self.directories:
            if not self.is_nothing(directory):
                yield f'there is something in {directory}'

    def new(self):
        for directory, wanted in self.wanted.items():
            yield from differences(unmarked(tree(directory)), wanted)
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        if self.backups():
            yield f'there are backups of nothing: {self.backups()}'
        if not has('post'):
            yield 'nothing says that the service has yet to start'


class LostBeside(Lost):
    """Another service on the mount removes the base as soon as it is empty."""

    def instant(self, exchanged=False):
        self.remove_empty_bases()
        yield from super().instant(exchanged)


def scenarios():
    return [
        Lost('restore of a missing state', ['/var/lib/app']),
        Lost('restore of a missing state on two file systems', ['/var/lib/app', '/srv/app'],
             elsewhere=['/srv']),
        Lost('restore of an emptied state', ['/var/lib/app', '/srv/app'], missing=False,
             elsewhere=['/srv']),
        LostBeside('restore of a missing state beside another service', ['/srv/app'], elsewhere=['/srv']),
        Undone('an untouched state goes back', ['/var/lib/app', '/srv/app'], elsewhere=['/srv']),
        Found('restore of a backup that the store does not know', ['/srv/app'], elsewhere=['/srv']),
        Restoring('restore', ['/var/lib/app']),
        Restoring('restore on two file systems', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'],
                  usual=True),
        Restoring('restore of a subvolume', ['/var/lib/app'], kinds=['btrfs'], subvolume=True),
    ]
