# SPDX-License-Identifier: MIT
"""The test of the tests: what must not be done to the sources without a crash suite noticing.

A mutation says what becomes of the statements that sites.py finds by the comments `mutation: NAME`, and where that is
looked for: suites with their arguments, one after the other until one fails."""

import os
import shutil
import signal
import subprocess

from sites import call, condition, delete, exchange, mutate, read, replace

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = ('helper/systemd-migrate', 'generator/systemd-migrate-generator')

ONE = ('one step',)
FORGET, FORMER = ('is forgotten',), ('former',)
TWO = ('two directories on two',)


class Mutation:
    """The title says what is done wrong: "TITLE is noticed" is a sentence."""

    def __init__(self, title, edits, *suites, short=False):
        self.title, self.edits = title, edits
        self.suites = suites  # (suite, argument…)
        self.short = short    # not only for --all

    def apply(self, tree):
        """Returns what puts the files back. Raises SiteError."""
        mutated = mutate(tree, self.edits)
        originals = {path: read(path) for path in mutated}
        write(mutated)
        return lambda: write(originals)


def mutations():
    return [
        Mutation('renaming a record before its content is on disk',
                 delete('sync-record'),
                 ('power', '--on=ext4', *ONE), short=True),
        Mutation('leaving the name of a record to the cache',
                 replace('sync-renamed-record', 'return 0;'),
                 ('power', '--on=ext4', *ONE), ('power', *TWO)),
        Mutation('leaving the removal of a record to the cache',
                 replace('sync-removed-record', 'return 0;'),
                 ('power', '--on=ext4', *ONE)),
        Mutation('leaving a line of the history to the cache',
                 replace('sync-appended-line', 'return 0;'),
                 ('power', '--on=ext4', *ONE), ('power', *TWO)),
        Mutation('leaving the remains of a failed write',
                 delete('remove-temporary'),
                 ('errors', *ONE), ('errors', '--all', '--on=ext4', *ONE)),
        Mutation('exchanging clones before they are on disk',
                 delete('sync-clone'),
                 ('power', '--on=ext4', *ONE)),
        Mutation('exchanging clones that cannot be synced',
                 condition('sync-clone', '@ && false'),
                 ('errors', *ONE)),
        Mutation('removing the record before exchanges and backups are on disk',
                 delete('sync-exchange') + delete('stamp-backup'),
                 ('power', *TWO)),
        Mutation('removing the record before the removal of a clone is on disk',
                 replace('sync-removed-clone', 'return r;'),
                 ('power', 'another try')),
        Mutation('exchanging directories before the record says so',
                 exchange('record-exchange', 'exchange'),
                 ('kill', *ONE), short=True),
        Mutation('making clones without a record',
                 call('record-cloning', 'write_record', '0'),
                 ('kill', *ONE)),
        Mutation('removing the record before the manifest is written',
                 replace('write-manifest', 'r = record_remove(store, RECORD_TRANSACTION); if (r == 0) @'),
                 ('kill', *ONE)),
        Mutation('writing no manifest beside the trees',
                 replace('write-manifest-beside', 'r = 0;'),
                 ('kill', '--on=ext4', *TWO)),
        Mutation('taking any directory for the clone',
                 replace('recognize-clone', 'return n > 0;'),
                 ('kill', *ONE), short=True),
        Mutation('taking no directory for the clone',
                 replace('recognize-clone', 'return 0;'),
                 ('kill', *ONE)),
        Mutation('recovering without an exchange of the clones that are left',
                 replace('exchange-rest', 'r = 0;'),
                 ('kill', *TWO)),
        Mutation('leaving a directory exchanged when another cannot be',
                 replace('exchange-back', 'return SWAP_NONE;'),
                 ('errors', *TWO), ('errors', '--all', '--on=ext4', *TWO)),
        Mutation('moving entries under the old stamp',
                 replace('stamp-between', 'int r = 0;'),
                 ('kill', 'a mount point')),
        Mutation('counting a phase that could not be written down',
                 condition('keep-phase', 'false'),
                 ('errors', '--on=ext4', 'in place')),
        Mutation('exchanging directories while the stamp of a guest is the old one',
                 condition('stamp-elsewhere-between', 'false'),
                 ('kill', '--on=ext4', 'a guest')),
        Mutation('rolling back without a stamp for the part of a guest',
                 call('stamp-elsewhere-back', 'flight_stamp_apart', '0'),
                 ('kill', '--on=ext4', 'a guest in place')),
        Mutation('leaving a recorded stamp to the cache',
                 replace('sync-stamp', 'return r;'),
                 ('power', 'detected')),
        Mutation('leaving the stamp of a backup to the cache',
                 replace('sync-stamp-of-backup', 'return r;'),
                 ('power', 'no stamp before')),
        Mutation('running scripts in place before the clones are on disk',
                 replace('sync-before-in-place', 'r = 0;'),
                 ('power', '--on=ext4', 'in place')),
        Mutation('recovering without Restore=',
                 condition('undo-hooks', 'true'),
                 ('kill', 'hooks alone')),
        Mutation('recording a version without a record of the transaction',
                 replace('record-recording', 'r = 0;'),
                 ('kill', 'detected')),
        Mutation('making the new marker before the old one is removed',
                 replace('list-markers', '@ if (r == 0 && name && !strv_contains(names, name)) '
                         'r = durable_replace(store->fd, name, "", 0);'),
                 ('kill', 'a marker of another')),
        Mutation('leaving the marker of an older declared version',
                 replace('note-declared', 'r = 0;'),
                 ('kill', '--on=ext4', 'a marker of the declared')),
        Mutation('leaving the new name of a pruned backup to the cache',
                 condition('sync-backup-name', 'false'),
                 ('power', '--on=btrfs', 'prune'), ('power', 'prune')),
        Mutation('removing a backup without renaming it first',
                 condition('rename-backup', 'tree_remove(fd, backup->id) < 0'),
                 ('kill', 'prune')),
        Mutation('giving a forgotten backup the mark of one that is pruned',
                 replace('forgotten-name', 'return strprintf(BACKUP_REMOVING_PREFIX "%s", backup->id);'),
                 ('kill', '--on=ext4', 'a backup is forgotten'),
                 ('kill', '--all', '--on=ext4', 'a backup is forgotten')),
        Mutation('keeping a way back from steps that did not happen',
                 replace('drop-wayback', 'r = 0;'),
                 ('kill', '--on=ext4', 'steps with a way back')),
        Mutation('keeping the way back after the commit',
                 delete('keep-wayback') + replace('commit', '@ if (r == 0) r = steps_keep(&t);'),
                 ('kill', '--on=ext4', 'steps with a way back')),
        Mutation('recording a way back before its files are on disk',
                 condition('sync-wayback', 'false'),
                 ('power', '--on=ext4', 'steps with a way back')),
        Mutation('restoring a backup into the remains of a try',
                 replace('remove-remains', 'r = 0;'),
                 ('errors', '--on=ext4', 'restore around')),
        Mutation('restoring a backup under the name of a clone',
                 replace('rename-restored', 'return r;'),
                 ('kill', '--on=ext4', 'restore around')),
        Mutation('restoring a backup and leaving the store between versions',
                 condition('stamp-restored', 'false'),
                 ('kill', '--on=ext4', 'restore with the stamp')),
        Mutation("taking the remains of the helper's own try for a write",
                 condition('ignore-own-writes', 'false'),
                 ('errors', '--on=ext4', 'untouched mount point')),
        Mutation('removing what was exchanged with nothing before the record says so',
                 delete('record-concluding'),
                 ('kill', '--on=ext4', 'restore of a missing')),
        Mutation('committing without a note of the migrated state',
                 delete('fingerprint-live'),
                 ('kill', '--on=ext4', *ONE)),
        Mutation('restoring without a note of the restored state',
                 delete('fingerprint-restored'),
                 ('kill', '--on=ext4', 'restore on two')),
        Mutation('taking a state that was written to for untouched',
                 call('compare-fingerprint', 'streq', 'true'),
                 ('kill', '--on=ext4', *ONE)),
        Mutation('forgetting a stamp and leaving that to the cache',
                 delete('sync-cleared-stamp'),
                 ('power', '--on=ext4', *FORGET), ('power', *FORGET)),
        Mutation('forgetting what was last seen first',
                 replace('note-forgetting', 'r = record_remove(run->store, RECORD_KNOWN); if (r == 0) @'),
                 ('kill', '--on=ext4', *FORGET)),
        Mutation('recovering without a record of the mount points',
                 call('remember-mounts', 'remember_mounts', 'flight->recovered ? 0 : @'),
                 ('kill', '--on=ext4', 'a mount point and')),
        Mutation('moving a directory without a record',
                 replace('record-move', 'e = 0;'),
                 ('kill', '--on=ext4', *FORMER)),
        Mutation('removing the record of a move before the stamps are renamed',
                 replace('rename-stamps', 'e = record_remove(&r->session->store, RECORD_MOVING); if (e == 0) @'),
                 ('kill', '--on=ext4', *FORMER)),
        Mutation('leaving a base that is empty',
                 condition('remove-base', 'false'),
                 ('kill', '--on=ext4', 'the last backup')),
        Mutation('removing the record of a rehearsal before its clone',
                 replace('remove-rehearsal', 'if (r >= 0) r = record_remove(store, RECORD_REHEARSING); @'),
                 ('kill', '--on=ext4', 'a rehearsal'), ('kill', '--all', '--on=ext4', 'a rehearsal')),
        Mutation('recovering without a removal of what a rehearsal has left',
                 call('recover-rehearsal', 'rehearsal_drop', '0'),
                 ('kill', '--on=ext4', 'a rehearsal')),
    ]


def write(texts):
    for path, text in texts.items():
        with open(path, 'w') as file:
            file.write(text)


class Tree:
    """A copy of the sources, and programs built of it."""

    def __init__(self, directory):
        self.source, self.build = f'{directory}/source', f'{directory}/build'
        shutil.copytree(SOURCE, self.source, symlinks=True, ignore=lambda top, names: [
            name for name in names if top == SOURCE and (name[0] == '.' or name.startswith('build'))])
        subprocess.run(['meson', 'setup', '-Dtests=false', self.build, self.source], check=True,
                       capture_output=True)

    def make(self):
        """What the compiler says if it cannot be built, else nothing."""
        result = subprocess.run(['ninja', '-C', self.build, *PROGRAMS], capture_output=True, text=True)
        return result.stdout if result.returncode else None

    def fails(self, suite, *arguments):
        """The first check of a suite that fails with these programs, and how; None if all is well."""
        process = subprocess.Popen([f'{HERE}/{suite}.test', *arguments], text=True,
                                   env={**os.environ, 'CRASH_PROGRAMS': self.build},
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        found, some = None, False
        for line in process.stdout:
            some = some or line.startswith('ok')
            if found:
                found += ': ' + line[1:].strip()
                break
            if line.startswith('not ok') and 'undisturbed' in line:
                raise ChildProcessError('it does not work at all: ' + line)
            if line.startswith('not ok'):
                found = line.split(' - ', 1)[1].strip()
        if found:
            process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait()
        if not found and (process.returncode or not some):
            raise ChildProcessError(f'{suite}.test ended with {process.returncode}')
        return found
