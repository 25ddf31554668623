# SPDX-License-Identifier: MIT
"""A state that is gone is forgotten, of which a part lived with another service: after a crash the state is still
remembered, or completely forgotten, and the same command forgets it."""

import json
import os

from lodging import HOST, Guest, host_tree, make_host
from scenario import STORE, Scenario, has, history
from state import stamps, tree

RECORDS = ('known', 'post', 'interrupted', 'provisional', 'approved')
LOST = '20200202T020202Z-00000000'


class Forgetting(Guest):
    verb = ('forget', 'app')
    again = ('forget', 'app')
    late_failures = (1,)

    def __init__(self, title, **options):
        super().__init__(title, ['/var/lib/app'], versions=('2',), **options)

    def more_of_declaration(self):
        return 'Within=db\n'

    def reset(self):
        self.clear()
        make_host('2')
        os.makedirs(f'{STORE}/backups/{LOST}/app', 0o700)
        for path in ('/var/lib/migrate', STORE, f'{STORE}/backups', f'{STORE}/backups/{LOST}'):
            os.chmod(path, 0o700)
        done = {'id': LOST, 'service': 'app', 'from': '1', 'to': '2', 'result': 'done'}
        known = {'version': '2', 'directories': ['/var/lib/app']}
        with open(f'{STORE}/history', 'w') as file:
            file.write(json.dumps(done) + '\n')
        for name in RECORDS:
            with open(f'{STORE}/{name}', 'w') as file:
                json.dump(known if name == 'known' else done, file)
        self.host, self.kept = host_tree(), tree(f'{STORE}/backups')
        os.sync()

    learn = Scenario.succeed

    def is_old(self):
        return has('known')

    def forgotten(self):
        return [entry for entry in history() if entry.get('action') == 'forgotten']

    def instant(self, exchanged=False):
        if host_tree() != self.host:
            yield f'what lies in {HOST} has changed'
        if tree(f'{STORE}/backups') != self.kept:
            yield 'the backups have changed'
        if any(gate.is_open() for gate in self.gates.values()):
            yield 'a service would start without having been asked'
        if len(self.forgotten()) > 1:
            yield f'the history tells {len(self.forgotten())} times that it was forgotten'
        if has('known'):
            return
        left = [name for name in RECORDS if has(name)] + stamps(HOST)
        if left or not self.forgotten():
            yield f'it is not remembered any more, but {left or "its history goes on"}'

    def old(self, kept=None, exchanged=False):
        return self.instant()

    def settled(self):
        return self.instant()

    def final(self, history_may_miss=False):
        yield from self.instant()
        if has('known') or stamps(HOST):
            yield f'it is remembered: {os.listdir(STORE)}, {stamps(HOST)}'


def scenarios():
    return [Forgetting('a state is forgotten')]
