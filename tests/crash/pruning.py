# SPDX-License-Identifier: MIT
"""Scenarios in which one backup is removed, while the other backup and the state stay as they are."""

import json
import os

from calls import helper
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
        made = {record(f'backups/{identity}/manifest')['from']: identity
                for identity in self.backups()}
        self.going, self.staying = (made[version] for version in self.versions[:2])
        manifest = f'backups/{self.going}/manifest'
        write(f'{STORE}/{manifest}', json.dumps({**record(manifest), 'finished': LONG_AGO}), 0o600,
              (0, 0))
        self.backup_trees = {identity: {key: tree(path) for key, path in entries.items()
                                        if os.path.isdir(path)}
                             for identity, entries in self.backups().items()}

    learn = Scenario.succeed

    def is_old(self):
        return os.path.exists(f'{STORE}/backups/{self.going}')

    def instant(self, exchanged=False):
        for directory, original in self.originals.items():
            yield from differences(tree(directory), original)
        if not self.gates[self.last].is_open():
            yield 'the service would not start'
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
        if not os.path.exists(f'{STORE}/backups/{identity}/manifest'):
            yield f'the backup {identity} has no manifest'

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


def scenarios():
    return [
        Pruning('prune', ['/var/lib/app', '/srv/app'], versions=('1', '2', '3'), elsewhere=['/srv']),
    ]
