# SPDX-License-Identifier: MIT
"""The scenarios that every crash suite tries. A scenario that is added here is tried by all of them."""

import os

import applied
import effects
import entries
import first
import forgetting
import moving
import lodging
import pruning
import rehearsing
import restoring
import returning
import state
from calls import helper
from scenario import MIGRATIONS, REMAINING, STORE, Scenario, has, history, say_retry
from state import stamps, tree, unstamped


def fail_once(scenario):
    """An earlier attempt has failed in its script: its clone is kept, and a retry was asked for."""
    state.write_script('/opt/up', '#!/bin/sh\necho 1 >"$STATE/half-done"\nexit 1\n')
    outcome = helper('run', 'app')
    state.write_script('/opt/up', state.SCRIPT)
    failed = say_retry()
    if outcome.status != 1 or not failed or len(scenario.backups()) != 1:
        raise AssertionError('the attempt did not fail:\n' + outcome.output)
    scenario.kept = failed['id']


class Recording(Scenario):
    """Only a version is recorded, which was detected, or is spelled in another way. The data stays."""

    late_failures = (1,)

    def __init__(self, title, directories, stamp, unversioned, **options):
        super().__init__(title, directories, versions=('1.00',), stamped=False, **options)
        self.stamp, self.unversioned = stamp, unversioned

    def more_of_declaration(self):
        return f'Unversioned={self.unversioned}\nGaps=allow\n'

    def reset(self):
        super().reset()
        for directory in self.directories if self.stamp else ():
            state.write(f'{directory}/{state.STAMP}{self.stamp}', '', 0o444)

    def instant(self, exchanged=False):
        for directory in self.directories:
            if unstamped(tree(directory)) != unstamped(self.originals[directory]):
                yield f'the data in {directory} has changed'
            if set(stamps(directory)) - {self.stamp, self.last}:
                yield f'{directory} is stamped {stamps(directory)}'
        if self.gates[self.last].is_open() and not self.recorded():
            yield 'the service would start, but not all stamps say so'

    def is_old(self):
        return not self.recorded()

    def old(self, kept=None, exchanged=False):
        return self.settled()

    def recorded(self):
        return all(stamps(directory) == [self.last] for directory in self.directories)

    def settled(self):
        yield from self.instant()
        if has('transaction'):
            yield 'there still is a transaction'
        before = [self.stamp] if self.stamp else []
        if not self.recorded() and any(stamps(d) != before for d in self.directories):
            yield f'neither old nor new: {[stamps(d) for d in self.directories]}'

    def final(self, history_may_miss=False):
        yield from self.settled()
        if not self.recorded():
            yield f'the stamps say {[stamps(directory) for directory in self.directories]}'
        for name in os.listdir(STORE):
            if name not in ('history', 'known'):
                yield f'{name} is left in the store'
        if len(history()) != 1 and not (history_may_miss and not history()):
            yield f'the history has {len(history())} entries'


class Marker(Scenario):
    """Nothing is there yet, and the version of the software has changed since that was noted."""

    def reset(self):
        self.clear()
        self.originals = {}
        for directory in self.directories:
            os.makedirs(directory)
        os.makedirs(STORE, 0o700)
        state.write(f'{STORE}/fresh=1', '', 0o600, (0, 0))

    def markers(self):
        return [name for name in os.listdir(STORE) if 'fresh=' in name]

    learn = Scenario.succeed

    def instant(self, exchanged=False):
        if len([name for name in self.markers() if name.startswith('fresh=')]) > 1:
            yield f'both are there: {self.markers()}'

    def settled(self):
        yield from self.instant()

    def is_old(self):
        return self.markers() != ['fresh=2']

    def old(self, kept=None, exchanged=False):
        return self.instant()

    def final(self, history_may_miss=False):
        if self.markers() != ['fresh=2']:
            yield f'the markers are {self.markers()}'


class Asked(Scenario):
    """Once newer software is declared, the older does not start before Detect= is asked."""

    remaining = REMAINING | {'declared=1', 'declared=2', 'asks=1'}

    def enter(self, ground, kind):
        state.write_script('/opt/detect', '#!/bin/sh\ncat "$STATE/version"\n')
        super().enter(ground, kind)

    def more_of_declaration(self):
        return 'Detect=/opt/detect\n'

    def reset(self):
        super().reset()
        os.makedirs(STORE, 0o700)
        state.write(f'{STORE}/declared=1', '', 0o600, (0, 0))

    def instant(self, exchanged=False):
        yield from super().instant(exchanged)
        if has('transaction') and not has('asks=1'):
            yield 'software of version 1 would not wait for Detect='

    def new(self):
        """Before the marker of the new version is written, the next run has only that to do."""
        for problem in super().new():
            if 'would not start' not in problem or has('declared=2'):
                yield problem

    def final(self, history_may_miss=False):
        yield from super().final(history_may_miss)
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} does not start'


class Back(Scenario):
    """Back to an older version by the scripts of [Down]."""

    def more_of_declaration(self):
        return 'Downgrade=script\n'

    def declare_migrations(self):
        for newer, older in zip(self.versions, self.versions[1:]):
            with open(f'{MIGRATIONS}/from-{older}.ini', 'w') as file:
                file.write(f'[Migration]\nFrom={older}\nTo={newer}\n\n[Up]\nScript=/bin/false\n'
                           '[Down]\nScript=/opt/up\nVerify=/opt/verify\n')


class Beside(Scenario):
    """Another service on the mount removes the base as soon as it is empty."""

    def instant(self, exchanged=False):
        self.remove_empty_bases()
        yield from super().instant(exchanged)


def scenarios():
    return [
        Scenario('one step', ['/var/lib/app'], usual=True),
        Scenario('three steps', ['/var/lib/app'], versions=('1', '2', '3', '4')),
        Back('three steps back', ['/var/lib/app'], versions=('4', '3', '2', '1')),
        Scenario('two directories on two file systems', ['/var/lib/app', '/srv/app'],
                 elsewhere=['/srv'], usual=True),
        Beside('one step beside another service', ['/srv/app'], elsewhere=['/srv']),
        Scenario('three directories on two file systems',
                 ['/var/lib/app', '/srv/app', '/srv/more/app'], elsewhere=['/srv']),
        Scenario('two directories of one name on one file system',
                 ['/var/lib/app', '/var/lib/other/app']),
        Scenario('a directory called manifest', ['/srv/manifest'], elsewhere=['/srv']),
        Scenario('a subvolume', ['/var/lib/app'], kinds=['btrfs'], subvolume=True, usual=True),
        Scenario('no stamp before', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'],
                 stamped=False),
        Scenario('another try after a failure', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'],
                 before=fail_once),
        Recording('a version that is detected', ['/var/lib/app', '/srv/app'], None, '1.00',
                  elsewhere=['/srv'], usual=True),
        Recording('a version in another spelling', ['/var/lib/app', '/srv/app'], '1.0', '1',
                  elsewhere=['/srv']),
        Marker('a marker of another version', ['/var/lib/app']),
        Asked('Detect= for a marker of the declared version', ['/var/lib/app'], goes_back=True),
    ] + (applied.scenarios() + entries.scenarios() + effects.scenarios() + first.scenarios() + forgetting.scenarios() +
         lodging.scenarios() + pruning.scenarios() + rehearsing.scenarios() +
         restoring.scenarios() + moving.scenarios() +
         returning.scenarios())


def chosen(arguments, everyone=False):
    """Whether --all is among the arguments, and the scenarios that they choose: those with the words in their
    titles, or all, or the usual ones. With --on=KIND only on that file system."""
    thorough = '--all' in arguments
    kinds = [argument[5:] for argument in arguments if argument.startswith('--on=')]
    words = [argument for argument in arguments if not argument.startswith('--')]
    found = []
    for scenario in scenarios():
        scenario.kinds = [kind for kind in scenario.kinds if not kinds or kind in kinds]
        if scenario.kinds and (any(word in scenario.title for word in words) if words
                               else everyone or thorough or scenario.usual):
            found.append(scenario)
    return thorough, found
