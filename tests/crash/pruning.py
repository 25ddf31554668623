# SPDX-License-Identifier: MIT
"""Scenarios in which one backup is removed, while the other backup and the state stay as they are."""

import json
import os
import shutil

from calls import helper
from entries import Entries
from scenario import STORE, Scenario, has, record
from state import differences, tree, write

REMOVING = '.removing-'
LONG_AGO = '2020-02-02T02:02:02Z'


class Pruning(Scenario):
    """The state went from the first version over the second to the last. The backup of the second version stays, the
    backup of the first one is removed."""

    verb = ('prune', 'app')
    late_failures = (1,)
    patient = True

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Keep=1\nKeepFor=0\n'

    def reset(self):
        super().reset()
        for version in self.versions[1:]:
            self.declare(version)
            outcome = helper('run', 'app')
            if outcome.status != 0:
                raise AssertionError('no backup could be made:\n' + outcome.output)
        self.originals = {d: tree(d) for d in self.directories}
        self.began()
        made = {record(f'backups/{identity}/manifest')['from']: identity
                for identity in self.backups()}
        self.going, self.staying = made[self.first], made.get(self.versions[1])
        for base in self.bases:
            manifest = f'{base}/backups/{self.going}/manifest'
            if os.path.exists(manifest):
                long_ago = {**record(manifest), 'finished': LONG_AGO, 'boot': 'another'}
                write(manifest, json.dumps(long_ago), 0o600, (0, 0))
        self.backup_trees = {identity: {key: tree(path) for key, path in entries.items()
                                        if os.path.isdir(path)}
                             for identity, entries in self.backups().items()}

    def began(self):
        pass

    learn = Scenario.succeed

    def is_old(self):
        return os.path.exists(f'{STORE}/backups/{self.going}')

    def instant(self, exchanged=False):
        for directory, original in self.originals.items():
            yield from differences(self.seen(tree(directory)), self.seen(original))
        if not self.gates[self.last].is_open():
            yield 'the service would not start'
        if self.staying:
            yield from self.check_backup(self.staying)
        # half a backup under its own name could be taken for a whole one
        if self.is_old():
            yield from self.check_backup(self.going)

    def check_backup(self, identity):
        found = self.backups().get(identity, {})
        for key, whole in self.backup_trees[identity].items():
            marked = found.get(key) or self.marked(identity, key)
            if not marked:
                yield f'{key} of the backup {identity} is gone'
            else:
                yield from differences(tree(marked), whole)
        if not any(os.path.exists(f'{base}/backups/{identity}/manifest')
                   for base in self.manifests(identity)):
            yield f'the backup {identity} has no manifest'

    def manifests(self, identity):
        """Bases one of which has to have the manifest."""
        return [STORE]

    def marked(self, identity, key):
        """Where else it may lie, while the store's own is not marked on disk."""
        base, entry = key.split(':')
        path = f'{base}/backups/{REMOVING}{identity}/{entry}'
        return os.path.isdir(path) and path

    def settled(self):
        yield from self.instant()
        if has('transaction'):
            yield 'there is a transaction'

    def old(self, kept=None, exchanged=False):
        yield from self.instant()

    def final(self, history_may_miss=False):
        yield from self.settled()
        if list(self.backups()) != [self.staying]:
            yield f'the backups are {self.backups()}'


class PruningFound(Pruning):
    """The store is from before the backup that is removed: only the manifest beside its tree tells of it."""

    other = '/srv/.migrate/app'

    def reset(self):
        super().reset()
        shutil.rmtree(f'{STORE}/backups/{self.going}')

    def is_old(self):
        return os.path.exists(f'{self.other}/backups/{self.going}')

    def manifests(self, identity):
        return [self.other if identity == self.going else STORE]


class PruningLast(Pruning, Entries):
    """The state is a mount point that has gone from the first version to the last. Its only backup is removed, and then
    nothing of ours is left in the mount point."""

    def more_of_declaration(self):
        return Entries.more_of_declaration(self) + 'Keep=0\nKeepFor=0\n'

    def began(self):
        """As if the service had started on the migrated state."""
        os.unlink(f'{STORE}/post')

    def final(self, history_may_miss=False):
        yield from self.settled()
        if self.backups():
            yield f'the backups are {self.backups()}'
        yield from self.empty_bases()


class ForgettingPart(Pruning):
    """The part of a backup on another disk is lost, so an operator forgets the backup. Then the part comes back, and is
    a backup, or a part of one, again: no later run removes it, wherever the removal was cut off."""

    other = '/srv/.migrate/app'
    away = '/srv/away'

    @property
    def verb(self):
        return ('forget', 'app', self.going) if os.path.exists(self.away) and self.is_old() else ('prune', 'app')

    def more_of_declaration(self):
        return Scenario.more_of_declaration(self) + 'Keep=9\n'

    def reset(self):
        super().reset()
        os.rename(f'{self.other}/backups/{self.going}', self.away)

    def marked(self, identity, key):
        base, entry = key.split(':')
        path = f'{self.away}/{entry}'
        return identity == self.going and base == self.other and os.path.isdir(path) and path

    def come_back(self):
        if os.path.exists(self.away):
            os.rename(self.away, f'{self.other}/backups/{self.going}')

    def settled(self):
        yield from super().settled()
        self.come_back()

    def final(self, history_may_miss=False):
        yield from self.settled()
        for key, whole in self.backup_trees[self.going].items():
            base, entry = key.split(':')
            path = f'{base}/backups/{self.going}/{entry}'
            if base == self.other and (not os.path.isdir(path) or tree(path) != whole):
                yield f'{path}, which has come back, is not whole'
        left = [name for base in self.bases for name in os.listdir(f'{base}/backups') if name.startswith(REMOVING)]
        if left:
            yield f'a removal was not ended: {left}'


def scenarios():
    return [
        ForgettingPart('a backup is forgotten', ['/srv/app'], versions=('1', '2', '3'), elsewhere=['/srv']),
        ForgettingPart('a part of a backup is forgotten', ['/var/lib/app', '/srv/app'], versions=('1', '2', '3'),
                       elsewhere=['/srv']),
        PruningFound('prune a backup that the store does not know', ['/srv/app'], versions=('1', '2', '3'),
                     elsewhere=['/srv']),
        PruningLast('prune the last backup', ['/srv'], elsewhere=['/srv']),
        Pruning('prune', ['/var/lib/app', '/srv/app'], versions=('1', '2', '3'), elsewhere=['/srv']),
    ]
