# SPDX-License-Identifier: MIT
"""Scenarios in which steps have a way back, which is kept as a whole if the migration was done, and not at all if
it was not."""

import json
import os

import state
from pruning import LONG_AGO, REMOVING, Pruning
from scenario import MIGRATIONS, STORE, Scenario, has, history

APPLIED = f'{STORE}/applied'


def kept():
    """{transaction: [what is wrong with what was kept of it]}"""
    found = {}
    for name in os.listdir(APPLIED) if os.path.isdir(APPLIED) else []:
        found[name] = list(faults(f'{APPLIED}/{name}', name))
    return found


def faults(path, name):
    try:
        with open(f'{path}/steps') as file:
            record = json.load(file)
    except (FileNotFoundError, ValueError) as error:
        yield f'its record: {error}'
        return
    if record.get('id') != name:
        yield f'its record is that of {record.get("id")}'
    for word, file in record['files'].items():
        with open(word) as original:
            wanted = original.read()
        try:
            with open(f'{path}/{file["copy"]}') as copy:
                if copy.read() != wanted:
                    yield f'{file["copy"]} is not what {word} is'
        except FileNotFoundError:
            yield f'{file["copy"]} is missing'
    if set(os.listdir(path)) != {'steps'} | {file['copy'] for file in record['files'].values()}:
        yield f'there is {os.listdir(path)}'


class Keeping(Scenario):
    """Up over steps with [Down]."""

    def declare_migrations(self):
        state.write_script('/opt/down', state.SCRIPT)
        for a, b in zip(self.versions, self.versions[1:]):
            with open(f'{MIGRATIONS}/from-{a}.ini', 'w') as file:
                file.write(f'[Migration]\nFrom={a}\nTo={b}\n\n[Up]\nScript=/opt/up\n'
                           '[Down]\nScript=/opt/down\nVerify=/opt/verify\n')

    def final(self, history_may_miss=False):
        yield from (fault for fault in super().final(history_may_miss)
                    if fault != "left in the store: {'applied'}")

    def instant(self, exchanged=False):
        yield from super().instant(exchanged)
        whole = [name for name, wrong in kept().items() if not wrong]
        for entry in history():
            if entry.get('result') == 'done' and entry['id'] not in whole:
                yield f'{entry["id"]} was done, but what is kept is {kept()}'

    def settled(self):
        yield from super().settled()
        done = self.done()
        if has('transaction'):
            return
        for name, wrong in kept().items():
            if name not in done:
                yield f'something is kept of {name}, which was not done'
            yield from (f'{name}: {fault}' for fault in wrong)
        for name in done:
            if name not in kept():
                yield f'nothing is kept of {name}, which was done'

    def done(self):
        """By the backups: those there are, with a manifest."""
        return [name for name in self.backups()
                if os.path.exists(f'{STORE}/backups/{name}/manifest')]


class ThereAndBack(Scenario):
    """Back by a way back that was kept, with a declaration that has no migrations."""

    def more_of_declaration(self):
        return 'Downgrade=script\n'

    def declare_migrations(self):
        state.write_script('/opt/down', state.SCRIPT)

    def reset(self):
        super().reset()
        steps = [{'migration': f'from-{older}', 'from': older, 'to': newer}
                 for newer, older in zip(self.versions, self.versions[1:])]
        identity = '20200101T000000Z-00000000'
        path = f'{APPLIED}/{identity}'
        os.makedirs(path)
        os.chmod(STORE, 0o700)
        state.write_script(f'{path}/0-down', state.SCRIPT)
        with open(f'{path}/steps', 'w') as file:
            json.dump({'id': identity, 'to': self.first, 'since': '2020-01-01T00:00:00Z',
                       'files': {'/opt/gone': {'copy': '0-down'}},
                       'steps': [{**step, 'down': {'script': ['/opt/gone']}} for step in steps]},
                      file)
        with open(f'{STORE}/history', 'w') as file:
            json.dump({'id': identity, 'from': self.last, 'to': self.first, 'result': 'done',
                       'steps': steps[::-1]}, file)
            file.write('\n')
        self.kept_files = sorted(os.listdir(path))

    def final(self, history_may_miss=False):
        for fault in super().final(history_may_miss):
            if fault not in ("left in the store: {'applied'}",
                             'the history tells of 2 migrations that were done'):
                yield fault
        for name in os.listdir(APPLIED):
            if sorted(os.listdir(f'{APPLIED}/{name}')) != self.kept_files:
                yield f'of what was kept there is {os.listdir(f"{APPLIED}/{name}")}'


class PruningWays(Pruning):
    """The way back to the first version is removed together with its backup, and the other way back stays."""

    def declare_migrations(self):
        Keeping.declare_migrations(self)

    def reset(self):
        super().reset()
        self.ways = sorted(kept())
        path = f'{APPLIED}/{self.ways[0]}/steps'
        with open(path) as file:
            steps = {**json.load(file), 'since': LONG_AGO}
        state.write(path, json.dumps(steps), 0o600, (0, 0))

    def instant(self, exchanged=False):
        yield from super().instant(exchanged)
        for name, wrong in kept().items():
            if not name.startswith(REMOVING):
                yield from (f'{name}: {fault}' for fault in wrong)
        if self.ways[1] not in kept():
            yield 'the way back from the last version is gone'

    def final(self, history_may_miss=False):
        yield from super().final(history_may_miss)
        if list(kept()) != self.ways[1:]:
            yield f'kept are {kept()}'


def scenarios():
    return [
        Keeping('steps with a way back', ['/var/lib/app'], versions=('1', '2', '3'), usual=True),
        PruningWays('pruning of a way back', ['/var/lib/app'], versions=('1', '2', '3')),
        ThereAndBack('back by a way back that was kept', ['/var/lib/app'], versions=('3', '2', '1')),
    ]
