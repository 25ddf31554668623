# SPDX-License-Identifier: MIT
"""Scenarios in which a migration is rehearsed: whatever happens, the state and all other records stay as they are, and
the next run knows and removes what a rehearsal has left."""

import os

from entries import Entries
from scenario import STORE, Scenario, has, record
from state import differences, tree

OWN = {'rehearsal', 'rehearsing', 'rehearsal.log', 'rehearsal.lock', '.rehearsal'}
CLONES = '.rehearsal'


class Rehearsing(Scenario):
    verb = ('rehearse', 'app')
    again = ('settle', 'app')
    patient = True

    learn = Scenario.succeed

    def is_old(self):
        return True

    def instant(self, exchanged=False):
        for directory, original in self.originals.items():
            yield from differences(self.seen(tree(directory)), self.seen(original))
        if self.gates[self.last].is_open():
            yield 'the service would start'
        left = set(os.listdir(STORE) if os.path.isdir(STORE) else ()) - OWN
        # a record under its temporary name is none
        left = {name for name in left if not name.endswith('.new')}
        if left:
            yield f'in the store there is {left}'
        if self.clones() and not has('rehearsing'):
            yield f'nothing tells of {self.clones()}'

    def settled(self):
        yield from self.instant()
        if not self.hampered and (self.clones() or has('rehearsing')):
            yield f'settling has left {self.clones()}'
        yield from self.empty_bases()

    def committed(self):
        """The verdict is on disk, and the clones are gone from the disk."""
        return self.final()

    def old(self, kept=None, exchanged=False):
        return self.instant()

    def clones(self):
        return [base for base in self.bases if os.path.lexists(f'{base}/{CLONES}')]

    def final(self, history_may_miss=False):
        yield from self.instant()
        found = record('rehearsal')
        if not found or found['verdict'] != 'passed' or found['exit'] != 0:
            yield f'the record says {found}'
        if self.clones() or has('rehearsing'):
            yield f'something was left: {self.clones()}'
        yield from self.empty_bases()


class RehearsingInPlace(Rehearsing, Entries):
    """The clones lie in the state itself."""


def scenarios():
    return [
        Rehearsing('a rehearsal', ['/var/lib/app'], versions=('1', '2', '3')),
        Rehearsing('a rehearsal of two directories on two file systems',
                   ['/var/lib/app', '/srv/app'], elsewhere=['/srv']),
        RehearsingInPlace('a rehearsal of a mount point', ['/srv'], elsewhere=['/srv']),
        Rehearsing('a rehearsal on a subvolume', ['/var/lib/app'], kinds=['btrfs'], subvolume=True),
    ]
