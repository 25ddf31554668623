# SPDX-License-Identifier: MIT
"""States that get another name and another directory (FormerName=, FormerDirectory=), also if the software is rolled
back in the middle of that."""

import json
import os

import state
from calls import helper
from gate import Gate
from scenario import Scenario
from state import differences, tree

STORES = '/var/lib/migrate'
BACKUP = '20200202T020202Z-00000000'
NAMES = ('app', 'old')
DATA = {'app': '/var/lib/app', 'old': '/var/lib/old'}  # under the newer name, under the older one


def without_stamps(entries):
    return {name: entry for name, entry in state.unstamped(entries).items()
            if not name.startswith('.stateversion.')}


def stamped(directory):
    """[(NAME, VERSION)] of all names."""
    prefix = '.stateversion.'
    return sorted(tuple(name[len(prefix):].split('=')) for name in os.listdir(directory)
                  if name.startswith(prefix))


def rename_stamps(directory, name):
    for own, version in stamped(directory):
        os.rename(f'{directory}/.stateversion.{own}={version}',
                  f'{directory}/.stateversion.{name}={version}')


class Moving(Scenario):
    """The state of old, at version 2 and with a backup at version 1, becomes the state of app."""

    late_failures = (1, 6)  # the state has moved, and then cannot be looked at

    def __init__(self, title, directory=True, back=False, **options):
        super().__init__(title, ['/var/lib/app'], versions=('2',), **options)
        self.moves = directory
        self.patient = back  # once settled it is back, so nobody can ask whether it was done
        self.back = back     # whatever a crash has left, an older system starts next

    def place(self, name):
        return DATA[name if self.moves else 'app']

    def declare(self, version):
        self.declare_as('app')

    def declare_as(self, name):
        for other in NAMES:
            path = f'/etc/migrate.d/{other}.ini'
            if os.path.exists(path):
                os.unlink(path)
        text = f'[State]\nVersion=2\nDirectory={self.place(name)}\n'
        if name == 'app':
            text += 'FormerName=old\n'
            if self.moves:
                text += f'FormerDirectory={self.place("old")}\n'
        with open(f'/etc/migrate.d/{name}.ini', 'w') as file:
            file.write(text)

    def declare_migrations(self):
        pass

    def reset(self):
        self.clear()
        self.declare_as('app')
        data, store = self.place('old'), f'{STORES}/old'
        state.make_state(data, '2', True)
        kept = f'{store}/backups/{BACKUP}/{os.path.basename(data)}'
        os.makedirs(os.path.dirname(kept), 0o700)
        for path in (STORES, store, f'{store}/backups', f'{store}/backups/{BACKUP}'):
            os.chmod(path, 0o700)
        state.make_state(kept, '1', True)
        for directory in (data, kept):
            rename_stamps(directory, 'old')
        record = {'id': BACKUP, 'service': 'old', 'from': '1', 'to': '2', 'result': 'done',
                  'protect': 'clone', 'finished': '2020-02-02T02:02:02Z'}
        place = {'directory': data, 'path': data, 'method': 'exchange', 'base': store,
                 'entry': os.path.basename(data)}
        with open(f'{store}/backups/{BACKUP}/manifest', 'w') as file:
            json.dump({**record, 'places': [place]}, file)
        with open(f'{store}/history', 'w') as file:
            file.write(json.dumps(record) + '\n')
        with open(f'{store}/known', 'w') as file:
            json.dump({'version': '2', 'directories': [data]}, file)
        self.data = without_stamps(tree(data))
        self.kept = without_stamps(tree(kept))
        os.sync()

    learn = Scenario.succeed

    def enter(self, ground, kind):
        super().enter(ground, kind)
        self.gate = Gate()

    def whole(self, top, wanted, what):
        found = without_stamps(tree(top))
        if found != wanted:
            yield f'{what} in {top} has changed'
            yield from list(differences(found, wanted))[:3]

    def instant(self, exchanged=False):
        """The state, its records and its backup are there once, stamped with one of the names."""
        found = [path for path in set(DATA.values()) if os.path.isdir(path)]
        if len(found) != 1:
            yield f'the state is in {found}'
            return
        yield from self.whole(found[0], self.data, 'the state')
        if stamped(found[0]) not in ([('app', '2')], [('old', '2')]):
            yield f'{found[0]} is stamped {stamped(found[0])}'
        if self.gate.is_open() and found[0] != self.place('app'):
            yield 'a service would start on nothing'
        records = [name for name in NAMES if os.path.exists(f'{STORES}/{name}/known')]
        if len(records) != 1:
            yield f'the records are those of {records}'
            return
        directory = f'{STORES}/{records[0]}/backups/{BACKUP}'
        for entry in os.listdir(directory):
            if not entry.startswith(('manifest', '.')):
                yield from self.whole(f'{directory}/{entry}', self.kept, 'the backup')
        other = next(name for name in NAMES if name != records[0])
        if records[0] == 'app' and not os.path.exists(f'{STORES}/{other}/moved'):
            yield f'nothing says where the state of {other} is'

    def is_old(self):
        return os.path.exists(f'{STORES}/old/known')

    def old(self, kept=None, exchanged=False):
        return self.instant()

    def settled(self):
        yield from self.instant()
        if not self.back:
            return
        self.declare_as('old')
        outcome = helper('run', 'old')
        if outcome.status != 0:
            yield 'going back: ' + outcome.output
        yield from self.all_is('old')
        self.declare_as('app')

    def all_is(self, name):
        yield from self.instant()
        place, store = self.place(name), f'{STORES}/{name}'
        if not os.path.isdir(place) or stamped(place) != [(name, '2')]:
            yield f'{place} is not there, or not stamped as {name}'
        if os.path.exists(f'{store}/moving') or os.path.exists(f'{store}/transaction'):
            yield f'something is under way in {store}: {os.listdir(store)}'
            return
        try:
            with open(f'{store}/known') as file:
                known = json.load(file)
            with open(f'{store}/backups/{BACKUP}/manifest') as file:
                manifest = json.load(file)
        except (OSError, ValueError) as error:
            yield str(error)
            return
        if known.get('directories') != [place]:
            yield f'{known} is remembered'
        described = manifest['places'][0]
        if (described['base'], described['directory']) != (store, place):
            yield f'the manifest says {described}'
        if stamped(f'{store}/backups/{BACKUP}/{described["entry"]}') != [(name, '1')]:
            yield 'the backup has another stamp'

    def final(self, history_may_miss=False):
        yield from self.all_is('app')
        if not self.gate.is_open():
            yield 'the service would not start'


def scenarios():
    return [
        Moving('a former name and a former directory'),
        Moving('a former name, rolled back in between', back=True),
        Moving('a former name alone', directory=False),
    ]
