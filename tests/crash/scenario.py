# SPDX-License-Identifier: MIT
"""A scenario: a declaration, a state, a verb of the helper, and what has to be true of the files at every instant, after
the recovery, and after the next run. scenarios.py lists them."""

import json
import os

import state
from calls import expect, helper
from gate import Gate
from ground import KINDS
from state import differences, equal, stamps, tree, unstamped

STORE = '/var/lib/migrate/app'
DECLARATION = '/etc/migrate.d/app.ini'
MIGRATIONS = '/etc/migrate.d/app'
HOOKS = '.hooks-'  # entries of a backup with the data of Backup=
OTHER = {'ext4': 'xfs', 'xfs': 'btrfs', 'btrfs': 'ext4'}  # for directories elsewhere
REMAINING = {'history', 'backups', 'post', 'log', 'known'}  # of the store, once all is done


class Scenario:
    """A service called app goes from the first of versions to the last, in one step each."""

    verb = ('run', 'app')
    again = ('run', 'app')  # once all is done, this changes nothing
    late_failures = (3,)  # exit statuses after which all may be done, but perhaps not on disk
    undoes = False    # scripts run after a failure, too; a byte in a pipe starts each of them
    remaining = REMAINING
    patient = False   # the verb may succeed without doing anything, and leave the work to a later run
    full = False  # a disk had no space for a manifest
    hampered = False  # an error has just kept the helper from something: what may go later may still be there

    def __init__(self, title, directories, versions=('1', '2'), elsewhere=(), kinds=KINDS,
                 stamped=True, subvolume=False, before=None, usual=False,
                 goes_back=False):
        self.title = title
        self.directories = directories
        self.versions = versions
        self.elsewhere = elsewhere  # mount points of the other file system
        self.kinds = kinds
        self.stamped = stamped
        self.subvolume = subvolume
        self.before = before        # called once the state is made
        self.usual = usual          # not only for --all
        # whether it can go back without scripts; entries that are moved one by one cannot after a crash
        self.goes_back = len(versions) == 2 and (goes_back or type(self) is Scenario)
        self.kept = None            # the transaction whose failed clone is kept
        self.bases = {STORE}
        for directory in directories:
            for point in elsewhere:
                if directory.startswith(point + '/'):
                    self.bases.add(f'{point}/.migrate/app')

    @property
    def first(self):
        return self.versions[0]

    @property
    def last(self):
        return self.versions[-1]

    ### setting up

    def points(self, kind):
        """Where which file system is mounted."""
        return {'/var/lib': kind, **{point: OTHER[kind] for point in self.elsewhere}}

    def kinds_of(self, kind):
        """For people."""
        return ', '.join(dict.fromkeys(self.points(kind).values()))

    def enter(self, ground, kind):
        self.mounted = list(self.points(kind))
        ground.mount(self.points(kind))
        os.makedirs(MIGRATIONS, exist_ok=True)
        for name in os.listdir(MIGRATIONS):
            os.unlink(f'{MIGRATIONS}/{name}')
        state.write_script('/opt/up', state.SCRIPT)
        state.write_script('/opt/verify', state.VERIFY)
        self.declare_migrations()
        self.gates = {}
        for version in dict.fromkeys((*self.versions, self.last)):
            self.declare(version)
            self.gates[version] = Gate()
        self.contents = {}

    def leave(self, ground):
        self.clear()
        ground.umount(self.mounted)

    def declare(self, version):
        with open(DECLARATION, 'w') as file:
            file.write('[State]\n' + ''.join(f'Directory={d}\n' for d in self.directories) +
                       f'Version={version}\n' + self.more_of_declaration())

    def more_of_declaration(self):
        return '' if self.stamped else f'Unversioned={self.first}\n'

    def declare_migrations(self):
        for a, b in zip(self.versions, self.versions[1:]):
            with open(f'{MIGRATIONS}/from-{a}.ini', 'w') as file:
                file.write(f'[Migration]\nFrom={a}\nTo={b}\n\n[Up]\nScript=/opt/up\n'
                           'Verify=/opt/verify\n')

    def clear(self):
        for path in self.mounted:
            for name in os.listdir(path):
                state.remove(f'{path}/{name}')

    def reset(self):
        """The state as it is before the migration, and nothing else."""
        self.clear()
        for directory in self.directories:
            state.make_state(directory, self.first, self.stamped, self.subvolume)
        self.originals = {d: tree(d) for d in self.directories}
        self.contents[self.first] = {d: state.content(t) for d, t in self.originals.items()}
        if self.before:
            self.before(self)

    def learn(self):
        """The problems of an undisturbed run, whose result is the content of the last version."""
        self.reset()
        outcome = helper(*self.verb)
        yield from expect(outcome, 0)
        if outcome.status != 0:
            return
        for directory in self.directories:
            found = rough_version(directory, self.versions)
            if found != self.last:
                yield f'{directory} is at {found}'
        self.contents[self.last] = {
            d: state.timeless(state.content(tree(d)), self.contents[self.first][d])
            for d in self.directories}
        yield from self.final()

    def succeed(self):
        """The problems of an undisturbed run that makes no new content."""
        self.reset()
        yield from expect(helper(*self.verb), 0)
        yield from self.final()

    def go_on(self):
        """Does what was asked for, after any failure."""
        return helper(*self.verb)

    ### what has to hold

    def version_of(self, directory):
        """The version by all of the content, or the difference from the nearest version."""
        found = state.content(tree(directory))
        for version, contents in self.contents.items():
            if equal(found, contents[directory]):
                return version
        nearest = rough_version(directory, self.versions)
        wanted = self.contents.get(nearest, self.contents[self.first])[directory]
        return f'neither, {next(differences(found, wanted))}'

    def instant(self, exchanged=False):
        """At every instant the data and the stamp of a directory agree, an open gate is one for the version of all
        data, and the original is somewhere as a whole. exchanged: the directories may have been exchanged, and back."""
        versions = {d: self.version_of(d) for d in self.directories}
        for directory, version in versions.items():
            if version not in self.contents:
                yield f'{directory} is a mixture: {version}'
            elif stamps(directory) != [version] and (stamps(directory) or self.stamped):
                yield f'{directory} holds {version} and is stamped {stamps(directory)}'
        yield from self.openings(versions)
        yield from self.losses(exchanged)

    def openings(self, versions):
        for wanted, gate in self.gates.items():
            if gate.is_open() and set(versions.values()) != {wanted}:
                yield f'a service that wants {wanted} would start on {versions}'

    def losses(self, exchanged):
        kept = [path for entries in self.backups().values() for path in entries.values()
                if os.path.isdir(path)]
        for directory, original in self.originals.items():
            candidates = [directory] + kept
            if not any(same_original(tree(path), original, path != directory or exchanged)
                       for path in candidates):
                yield f'the original of {directory} is nowhere'
                yield from list(differences(tree(directory), original))[:5]

    def settled(self):
        """Without a transaction, all is old without a trace, or all is new with one backup."""
        yield from self.instant()
        if has('transaction'):
            yield 'there still is a transaction'
            return
        versions = {self.version_of(d) for d in self.directories}
        if versions == {self.first}:
            yield from self.old()
        elif versions == {self.last}:
            yield from self.new()
            yield from self.demands()
        else:
            yield f'neither old nor new: {versions}'
        yield from self.probes()
        yield from self.empty_bases()

    def remove_empty_bases(self):
        """As another service on the mount does when one of its verbs ends."""
        for base in self.bases - {STORE}:
            for path in (f'{base}/backups', base, os.path.dirname(base)):
                try:
                    os.rmdir(path)
                except OSError:
                    pass

    def empty_bases(self):
        """The software may see such a directory in its state."""
        for base in () if self.hampered else self.bases - {STORE}:
            entries = os.listdir(base) if os.path.isdir(base) else []
            if os.path.isdir(os.path.dirname(base)) and (
                    entries == [] or entries == ['backups'] and not os.listdir(f'{base}/backups')):
                yield f'{base} is empty, and was left'

    def demands(self):
        """PID 1 demands the disks that were mounted at the directories, and no others."""
        wanted = set(self.mounted) & set(self.directories)
        links = [os.readlink(f'{STORE}/{name}') for name in os.listdir(STORE)
                 if name.startswith('mounted-')]
        if sorted(links) != sorted(wanted):
            yield f'{links} are demanded instead of {wanted}'

    def probes(self):
        for directory in self.directories:
            for name in os.listdir(os.path.dirname(directory)):
                if name.startswith('.migrate-probe'):
                    yield f'a probe was left in {os.path.dirname(directory)}'

    def committed(self):
        """The helper had said that all is done."""
        if has('transaction'):
            yield 'the transaction has come back'
        if self.is_old():
            yield 'the migration has gone'

    def is_old(self):
        return {self.version_of(d) for d in self.directories} == {self.first}

    def old(self, kept=None, exchanged=False):
        for directory, original in self.originals.items():
            if not same_original(tree(directory), original, exchanged):
                yield from differences(tree(directory), original)
        if set(self.backups()) - {kept, self.kept}:
            yield f'something was left of a migration that was not done: {self.backups()}'

    def new(self):
        if not self.gates[self.last].is_open():
            yield f'a service that wants {self.last} would not start'
        found = self.backups()
        if len(found) != 1:
            yield f'not one backup but {found}'
            return
        identity, entries = next(iter(found.items()))
        trees = [path for path in entries.values()
                 if os.path.isdir(path) and not os.path.basename(path).startswith(HOOKS)]
        if len(trees) != len(self.directories):
            yield f'the backup has not all places: {entries}'
        for directory in self.directories:
            if not any(unstamped(tree(path)) == unstamped(self.originals[directory])
                       for path in trees):
                yield f'the backup of {directory} is not what was there'
        for path in trees:
            if stamps(path) != [self.first]:
                yield f'the backup {path} is stamped {stamps(path)}'
        yield from self.manifest(identity)
        if not has('post'):
            yield 'nothing says that the service has yet to start'

    def manifest(self, identity):
        path = f'{STORE}/backups/{identity}/manifest'
        if not os.path.exists(path):
            yield f'the backup {identity} has no manifest'
            return
        with open(path) as file:
            manifest = json.load(file)
        for base in self.bases:
            beside = f'{base}/backups/{identity}'
            found = record(f'{beside}/manifest')
            if os.path.isdir(beside) and found != manifest and not (self.full and found is None):
                yield f'{beside} has not the same manifest: {record(f"{beside}/manifest")}'
        wanted = (identity, self.first, self.last)
        if (manifest.get('id'), manifest.get('from'), manifest.get('to')) != wanted:
            yield f'the manifest says {manifest}'

    def final(self, history_may_miss=False):
        """After success all is new, it was done once, and nothing else is left."""
        yield from self.settled()
        for directory in self.directories:
            if self.version_of(directory) != self.last:
                yield f'{directory} is at {self.version_of(directory)}'
        left = {name for name in os.listdir(STORE) if not name.startswith('mounted-')} - self.remaining
        if left:
            yield f'left in the store: {left}'
        done = [entry for entry in history() if entry.get('result') == 'done']
        if len(done) != 1 and not (history_may_miss and not done):
            yield f'the history tells of {len(done)} migrations that were done'

    def way_back(self):
        """The untouched state goes back without consent, wherever the migration was cut off; afterwards the state is
        the older one."""
        self.declare(self.first)
        outcome = helper('run', 'app')
        self.declare(self.last)
        if outcome.status != 0:
            yield f'no way back: exit status {outcome.status}\n{outcome.output}'
        for directory in self.directories:
            found = self.version_of(directory)
            if found != self.first:
                yield f'{directory} is at {found} after going back'
        helper('run', 'app')

    def no_way_back(self):
        """After a write of one byte the new state does not go back."""
        path = f'{self.directories[-1]}/data/letters'
        before = os.stat(path)
        with open(path, 'r+b') as file:
            byte = file.read(1)
            file.seek(0)
            file.write(byte.swapcase())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.declare(self.first)
        outcome = helper('run', 'app')
        self.declare(self.last)
        yield from expect(outcome, 6)
        if any(stamps(directory) != [self.last] for directory in self.directories):
            yield 'what was written to it was set aside unasked'

    def seen(self, entries):
        """What a verb that does not touch the state leaves as it is at every instant."""
        return entries

    def everything(self):
        return {f'{path}/{name}': entry for path in self.mounted
                for name, entry in tree(path).items()}

    ### looking

    def backups(self):
        """{ID: {entry: path}} of everything below the places for clones and backups."""
        found = {}
        for base in self.bases:
            directory = f'{base}/backups'
            for name in os.listdir(directory) if os.path.isdir(directory) else []:
                for entry in os.listdir(f'{directory}/{name}'):
                    found.setdefault(name, {})[f'{base}:{entry}'] = f'{directory}/{name}/{entry}'
                found.setdefault(name, {})
        return found


def rough_version(directory, versions):
    """What a glance says: one of the versions, or a mixture."""
    try:
        with open(directory + '/version') as file:
            version = file.read().strip()
        with open(directory + '/data/letters') as file:
            passed = [line.split()[-1] for line in file if line.startswith('migrated to ')]
    except FileNotFoundError as error:
        return str(error)
    marks = sorted(name[3:] for name in os.listdir(directory) if name.startswith('is-'))
    if version in versions and marks == [version] and (
            passed == list(versions[1:versions.index(version) + 1])):
        return version
    return f'{version}, {marks}, {passed}'


def same_original(found, original, moved):
    return found == original or moved and unstamped(found) == unstamped(original)


def has(name):
    return os.path.lexists(f'{STORE}/{name}')


def record(name):
    try:
        with open(os.path.join(STORE, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def history():
    """As the helper reads it, without lines that a crash has torn."""
    entries = []
    try:
        with open(f'{STORE}/history', 'rb') as file:
            for line in file:
                try:
                    entries.append(json.loads(line.strip(b'\0\n')))
                except ValueError:
                    pass
    except FileNotFoundError:
        pass
    return entries


def say_retry():
    """Does the same as migratectl retry."""
    failed = record('failed')
    if failed:
        failed['retry'] = 1
        with open(f'{STORE}/failed', 'w') as file:
            json.dump(failed, file)
    return failed
