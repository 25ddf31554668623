# SPDX-License-Identifier: MIT
"""A first start, for which Init= makes the state: nothing of the state is there, or all of it. Also software that
migrates its state itself, and is allowed to start on a stamp of its own."""

import os

import state
from scenario import STORE, Scenario, has
from state import content, differences, equal, stamps, tree

NOTHING = '0'  # the version of a state that is not there yet
INIT = '''#!/bin/sh -e
i=1
while eval "place=\\${STATE_$i-}"; [ -n "$place" ]; do
        mkdir "$place/data"
        echo "$TO" >"$place/version"
        echo "$TO" >"$place/is-$TO"
        echo "migrated to $TO" >"$place/data/letters"
        i=$((i + 1))
done
[ -z "$FROM" ]
'''


class First(Scenario):
    def __init__(self, title, directories, missing=False, **options):
        super().__init__(title, directories, versions=(NOTHING, '2'), stamped=False, **options)
        self.missing = missing

    def more_of_declaration(self):
        return f'Init=/opt/init\nUser={state.OWNER[0]}\nGroup={state.OWNER[1]}\n'

    def enter(self, ground, kind):
        state.write_script('/opt/init', INIT)
        super().enter(ground, kind)

    def reset(self):
        self.clear()
        for directory in self.directories:
            os.makedirs(os.path.dirname(directory), exist_ok=True)
            os.mkdir(directory, 0o700)
            os.chown(directory, *state.OWNER)
        self.originals = {d: tree(d) for d in self.directories}
        self.contents[NOTHING] = {d: content(t) for d, t in self.originals.items()}
        for directory in self.directories if self.missing else ():
            os.rmdir(directory)

    def is_there(self, directory):
        return os.path.lexists(directory) and bool(os.listdir(directory))

    def version_of(self, directory):
        return super().version_of(directory) if self.is_there(directory) else NOTHING

    def instant(self, exchanged=False):
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            if version not in self.contents:
                yield f'{directory} is a mixture: {version}'
            found = stamps(directory) if self.is_there(directory) else []
            if found != ([] if version == NOTHING else [version]):
                yield f'{directory} holds {version} and is stamped {found}'
            if self.is_there(directory) and self.last in self.contents and (
                    not equal(content(tree(directory)), self.contents[self.last][directory])):
                yield from differences(content(tree(directory)), self.contents[self.last][directory])
        yield from self.openings(versions)

    def old(self, kept=None, exchanged=False):
        for directory, original in self.originals.items():
            if os.path.lexists(directory) and self.is_there(directory):
                yield f'{directory} is not empty'
            elif not os.path.lexists(directory) and not self.missing:
                yield f'{directory} is gone'
        if set(self.backups()) - {kept}:
            yield f'something was left of what was not made: {self.backups()}'

    def new(self):
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        if self.backups():
            yield f'nothing was there before, but there is a backup: {self.backups()}'
        if has('post'):
            yield 'something is said to be left to do'
        for name in os.listdir(STORE):
            if 'fresh=' in name:
                yield f'{name} is left in the store'


class Self(Scenario):
    """The state that scripts have migrated is in place, and is stamped FIRST::LAST until the software has started."""

    def more_of_declaration(self):
        return 'SelfMigrating=yes\n'

    def instant(self, exchanged=False):
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            wanted = f'{self.first}::{self.last}' if version == self.last else version
            if version not in self.contents:
                yield f'{directory} is a mixture: {version}'
            elif stamps(directory) != [wanted]:
                yield f'{directory} holds {version} and is stamped {stamps(directory)}'
        yield from self.openings(versions)
        yield from self.losses(exchanged)


def scenarios():
    return [
        Self('software that migrates itself', ['/var/lib/app']),
        First('a first start', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'], usual=True),
        First('a first start without directories', ['/var/lib/app', '/srv/app'],
              elsewhere=['/srv'], missing=True),
    ]
