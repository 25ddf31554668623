# SPDX-License-Identifier: MIT
"""Scenarios of a service that has a part in the state of another service (Within=): the stamp there is written, never
swapped, and agrees at every instant with all directories."""

import os

import state
from effects import Beside, Live
from scenario import Scenario
from state import replaced, stamps, tree

HOST = '/var/lib/db'
HOST_DECLARATION = '/etc/migrate.d/db.ini'


class Guest(Scenario):
    """The host is declared."""

    def enter(self, ground, kind):
        with open(HOST_DECLARATION, 'w') as file:
            file.write(f'[State]\nDirectory={HOST}\nVersion=7\n')
        super().enter(ground, kind)

    def leave(self, ground):
        super().leave(ground)
        os.unlink(HOST_DECLARATION)


class Lodged(Guest):
    """The host has its stamp, and is never migrated."""

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Within=db\n'

    def reset(self):
        before, self.before = self.before, None
        super().reset()
        self.before = before
        make_host(self.first)
        self.host = host_tree()
        if self.before:
            self.before(self)

    def steps_between(self):
        return f'{self.first}:{self.last}'

    def instant(self, exchanged=False):
        yield from super().instant(exchanged)
        if host_tree() != self.host:
            yield f'what lies in {HOST} has changed'
        said = set(stamps(HOST))
        if not said or said - {self.first, self.last, self.steps_between()}:
            yield f'{HOST} is stamped {said}'
        versions = {self.version_of(d) for d in self.directories}
        if len(said) == 1 and self.steps_between() not in said and said != versions:
            yield f'the directories are at {versions}, while {HOST} is stamped {said}'

    def openings(self, versions):
        yield from super().openings(versions)
        for wanted, gate in self.gates.items():
            if gate.is_open() and stamps(HOST) != [wanted]:
                yield f'a service that wants {wanted} would start, {HOST} is stamped {stamps(HOST)}'

    def settled(self):
        yield from super().settled()
        versions = {self.version_of(d) for d in self.directories}
        if set(stamps(HOST)) != versions:
            yield f'the directories are at {versions}, {HOST} is stamped {stamps(HOST)}'


class LodgedInPlace(Lodged, Live):
    pass


class LodgedBeside(Lodged, Beside):
    """Like an application with tables in a database server."""


def make_host(version):
    """The state of the host, in which app has a part at this version."""
    os.makedirs(HOST)
    for name in (f'{state.STAMP}{version}', '.stateversion.db=7'):
        state.write(f'{HOST}/{name}', '')
    state.write(f'{HOST}/tables', 'rows\n')
    os.chown(HOST, *state.OWNER)


def host_tree():
    """All but the stamps of app there, and what changes with them."""
    found = {name: entry for name, entry in tree(HOST).items() if not name.startswith(state.STAMP)}
    found['.'] = replaced(found['.'], MTIME=0)
    return found


def scenarios():
    return [
        Lodged('a guest', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'], usual=True),
        LodgedBeside('a guest with hooks', ['/var/lib/app'], usual=True),
        LodgedInPlace('a guest in place', ['/var/lib/app']),
    ]
