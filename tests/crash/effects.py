# SPDX-License-Identifier: MIT
"""Scenarios in which scripts change what no swap can take back: the directory itself, or data outside that Backup= and
Restore= protect."""

import os

import state
from scenario import MIGRATIONS, Scenario
from state import content, differences, equal, stamps, tree

EACH = '''#!/bin/sh -e
i=1
while eval "place=\\${STATE_$i-}"; [ -n "$place" ]; do
'''
BACKUP = EACH + '''        rm -rf "$BACKUP/$i"
        cp -a "$place" "$BACKUP/$i"
        rm -f "$BACKUP/$i"/.stateversion.*
        i=$((i + 1))
done
'''
RESTORE = EACH + '''        find "$place" -mindepth 1 -maxdepth 1 ! -name ".stateversion.*" -exec rm -rf {} +
        cp -a "$BACKUP/$i/." "$place"
        i=$((i + 1))
done
'''


def declare_hooks(versions):
    for a, b in zip(versions, versions[1:]):
        with open(f'{MIGRATIONS}/from-{a}.ini', 'w') as file:
            file.write(f'[Migration]\nFrom={a}\nTo={b}\n\n[Up]\nScript=/opt/up\n'
                       'Verify=/opt/verify\nBackup=/opt/backup\nRestore=/opt/restore\n')


class Live(Scenario):
    """Scripts run on the original directories. While the stamps say that these are between two versions, anything may
    be in them; the originals exist somewhere as a whole, but as other files."""

    def more_of_declaration(self):
        return super().more_of_declaration() + 'Protect=in-place\n'

    def version_of(self, directory):
        version = super().version_of(directory)
        between = any(':' in stamp for stamp in stamps(directory))
        return 'between' if version not in self.contents and between else version

    def instant(self, exchanged=False):
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            said = stamps(directory)
            if version not in self.contents and version != 'between':
                yield f'{directory} is a mixture: {version}'
            elif said not in ([version], []) and not any(':' in stamp for stamp in said):
                yield f'{directory} holds {version} and is stamped {said}'
        yield from self.openings(versions)
        yield from self.losses(exchanged)

    def losses(self, exchanged):
        for directory in self.directories:
            wanted = self.contents[self.first][directory]
            if not any(equal(content(tree(path)), wanted)
                       for path in [directory] + self.kept_trees()):
                yield f'the original of {directory} is nowhere'
                yield from list(differences(content(tree(directory)), wanted))[:5]

    def kept_trees(self):
        return [path for entries in self.backups().values() for path in entries.values()
                if os.path.isdir(path)]

    def old(self, kept=None, exchanged=False):
        for directory in self.directories:
            yield from differences(content(tree(directory)), self.contents[self.first][directory])
        if set(self.backups()) - {kept, self.kept}:
            yield f'something was left of a migration that was not done: {self.backups()}'

    def new(self):
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        found = list(self.backups())
        if len(found) != 1:
            yield f'not one backup but {found}'
            return
        for directory in self.directories:
            if not any(equal(content(tree(path)), self.contents[self.first][directory])
                       for path in self.kept_trees()):
                yield f'the backup of {directory} is not what was there'
        yield from self.manifest(found[0])


class Hooks(Live):
    """Nothing is cloned: Backup= copies, Restore= puts back."""

    undoes = True

    def more_of_declaration(self):
        return Scenario.more_of_declaration(self) + 'Protect=hooks\nUser=root\n'

    def declare_migrations(self):
        state.write_script('/opt/backup', BACKUP)
        state.write_script('/opt/restore', RESTORE)
        declare_hooks(self.versions)

    def kept_trees(self):
        trees = []
        for path in super().kept_trees():
            backup = f'{path}/backup'
            if os.path.isdir(backup):
                trees += [f'{backup}/{name}' for name in os.listdir(backup)]
        return trees


class Beside(Live):
    """The state is cloned. Data outside of it changes, too, and Restore= takes that back; meanwhile the state is
    between versions."""

    undoes = True
    outside = '/var/lib/outside'

    def more_of_declaration(self):
        return Scenario.more_of_declaration(self) + f'ReadWritePaths={self.outside}\n'

    def declare_migrations(self):
        state.write_script('/opt/up', state.SCRIPT + f'echo "$TO" >{self.outside}/version\n')
        state.write_script('/opt/backup', f'#!/bin/sh\ncp -a {self.outside}/version "$BACKUP"\n')
        state.write_script('/opt/restore', f'#!/bin/sh\ncp -a "$BACKUP/version" {self.outside}\n')
        declare_hooks(self.versions)

    def reset(self):
        super().reset()
        os.makedirs(self.outside)
        os.chown(self.outside, *state.OWNER)
        state.write(f'{self.outside}/version', f'{self.first}\n')

    def outside_version(self):
        with open(f'{self.outside}/version') as file:
            return file.read().strip()

    def openings(self, versions):
        return super().openings({**versions, self.outside: self.outside_version()})

    def settled(self):
        yield from super().settled()
        for directory in self.directories:
            if self.version_of(directory) != self.outside_version():
                yield (f'{directory} is at {self.version_of(directory)}, {self.outside} at '
                       f'{self.outside_version()}')


def scenarios():
    return [
        Live('in place', ['/var/lib/app'], usual=True, goes_back=True),
        Live('in place on two file systems', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'],
             goes_back=True),
        Live('in place in a subvolume', ['/var/lib/app'], kinds=['btrfs'], subvolume=True,
             goes_back=True),
        Hooks('hooks alone', ['/var/lib/app', '/srv/app'], elsewhere=['/srv'], usual=True),
        Hooks('hooks alone, two steps', ['/var/lib/app'], versions=('1', '2', '3')),
        Beside('hooks beside a clone', ['/var/lib/app'], usual=True),
    ]
