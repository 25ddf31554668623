# SPDX-License-Identifier: MIT
"""The test of the tests: what must not be done to the sources without a crash suite noticing.

A mutation says which text of which file becomes which other text, and where it is looked for: the
suites with their arguments, until one fails. Any white space in the old text stands for any in the
file, and it has to be found there exactly once."""

import os
import re
import shutil
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = ('helper/systemd-migrate', 'generator/systemd-migrate-generator')

ONE = ('one step',)
FORGET, FORMER = ('is forgotten',), ('former',)
TWO = ('two directories on two',)


class Mutation:
    def __init__(self, title, file, old, new, *suites, short=False):
        self.title, self.file, self.old, self.new = title, file, old, new
        self.suites = suites  # (suite, argument…)
        self.short = short    # not only for --all

    def apply(self, tree):
        """Returns what puts the file back. ValueError: the sources are others by now."""
        path = f'{tree}/{self.file}'
        with open(path) as file:
            text = file.read()
        pattern = r'\s+'.join(re.escape(word) for word in self.old.split())
        mutated, n = re.subn(pattern, lambda _: self.new, text)
        if n != 1:
            raise ValueError(f'{self.file} has {n} times: {self.old}')
        write(path, mutated)
        return lambda: write(path, text)


def mutations():
    return [
        Mutation('a record is renamed before its content is on disk', 'lib/basic/durable.c',
                 'r = write_all(fd, data, size); if (r == 0) r = sync_fd(fd);',
                 'r = write_all(fd, data, size);',
                 ('power', '--on=ext4', *ONE), short=True),
        Mutation('the name of a record is not on disk', 'lib/basic/durable.c',
                 'unlinkat(dir_fd, temporary, 0); return r; } return sync_fd(dir_fd);',
                 'unlinkat(dir_fd, temporary, 0); return r; } return 0;',
                 ('power', '--on=ext4', *ONE), ('power', *TWO)),
        Mutation('the removal of a record is not on disk', 'lib/basic/durable.c',
                 'return errno == ENOENT ? 0 : -errno; return sync_fd(dir_fd);',
                 'return errno == ENOENT ? 0 : -errno; return 0;',
                 ('power', '--on=ext4', *ONE)),
        Mutation('a line of the history is not on disk', 'lib/basic/durable.c',
                 'r = sync_fd(fd); return r < 0 ? r : sync_fd(dir_fd);', 'return 0;',
                 ('power', '--on=ext4', *ONE), ('power', *TWO)),
        Mutation('what is left of a failed write stays', 'lib/basic/durable.c',
                 'if (r < 0) { unlinkat(dir_fd, temporary, 0); return r; }',
                 'if (r < 0) return r;',
                 ('errors', *ONE), ('errors', '--all', '--on=ext4', *ONE)),
        Mutation('clones are exchanged before they are on disk', 'helper/script/script.c',
                 'if (syncfs(fd) < 0) return -errno;', '',
                 ('power', '--on=ext4', *ONE)),
        Mutation('clones that cannot be written to disk are exchanged', 'helper/script/script.c',
                 'if (syncfs(fd) < 0) return -errno;', '(void)!syncfs(fd);',
                 ('errors', *ONE)),
        Mutation('neither exchanges nor backups are on disk before the record goes', 'helper/transaction/conclude.c',
                 'if (r == 0) r = place_sync(place); if (r == 0 && !flight->stamp_in_store) '
                 'r = stamp_backup(place, flight->store->name, flight->from);',
                 '', ('power', *TWO)),
        Mutation('a clone is not gone from the disk before its record goes', 'helper/permit/failed.c',
                 'return r == 0 && fsync(fd) < 0 ? -errno : r;', 'return r;',
                 ('power', 'another try')),
        Mutation('directories are exchanged before that is written down', 'helper/transaction/transaction.c',
                 'r = write_record(t, PHASE_SWAPPING); if (r != 0) return r; '
                 'progress_swap(); r = swap_all(&t->flight, &what);',
                 'r = swap_all(&t->flight, &what); if (r == SWAP_DONE && '
                 '(r = write_record(t, PHASE_SWAPPING)) != 0) return r;',
                 ('kill', *ONE), short=True),
        Mutation('clones are made without a record', 'helper/transaction/transaction.c',
                 ': write_record(t, PHASE_STAGING);', ': 0;', ('kill', *ONE)),
        Mutation('the record goes before the manifest is written', 'helper/transaction/conclude.c',
                 'r = write_manifest(store, record, flight->id);',
                 'r = record_remove(store, RECORD_TRANSACTION); if (r == 0) '
                 'r = write_manifest(store, record, flight->id);',
                 ('kill', *ONE)),
        Mutation('any directory is taken for the clone', 'helper/transaction/swap.c',
                 'return (size_t)n == strlen(id) && memcmp(value, id, (size_t)n) == 0;',
                 'return n > 0;', ('kill', *ONE), short=True),
        Mutation('no directory is taken for the clone', 'helper/transaction/swap.c',
                 'return (size_t)n == strlen(id) && memcmp(value, id, (size_t)n) == 0;',
                 'return 0;', ('kill', *ONE)),
        Mutation('clones that lie beside are not exchanged by recovery', 'helper/transaction/swap.c',
                 'r = sides[i - 1] != SIDE_LIVE ? swap_place(flight, flight->places + i - 1, '
                 'reterr_what) : 0;', 'r = 0;',
                 ('kill', *TWO)),
        Mutation('what was exchanged does not go back when another cannot be', 'helper/transaction/swap.c',
                 'return swap_back(flight, i) < 0 ? SWAP_STUCK : SWAP_NONE;',
                 'return SWAP_NONE;', ('errors', *TWO), ('errors', '--all', '--on=ext4', *TWO)),
        Mutation('entries are moved under the old stamp', 'helper/transaction/swap-entries.c',
                 'int r = stamp_add(swap->place->fd, swap->name, swap->between);', 'int r = 0;',
                 ('kill', 'a mount point')),
        Mutation('a phase that could not be written down counts', 'helper/transaction/flight.c',
                 'if (r < 0 && before)', 'if (false)', ('errors', '--on=ext4', 'in place')),
        Mutation('a part elsewhere keeps its old stamp while directories are exchanged',
                 'helper/transaction/transaction.c',
                 'if ((t->flight.stamp_in_store || t->flight.n_lodgings > 0) && '
                 '!t->flight.between && t->plan->from)', 'if (false)',
                 ('kill', '--on=ext4', 'a part elsewhere')),
        Mutation('a part elsewhere is not stamped back', 'helper/transaction/rollback.c',
                 'return were_in_place ? flight_stamp_apart(flight, flight->from)',
                 'return were_in_place ? 0',
                 ('kill', '--on=ext4', 'a part elsewhere, in place')),
        Mutation('a stamp that was recorded is not on disk', 'helper/transaction/flight.c',
                 'return r == 0 && fsync(fd) < 0 ? -errno : r;', 'return r;',
                 ('power', 'detected')),
        Mutation('the stamp of a backup is not on disk', 'helper/transaction/conclude.c',
                 'return r == 0 && fsync(fd) < 0 ? -errno : r;', 'return r;',
                 ('power', 'no stamp before')),
        Mutation('scripts run in place before the clones are on disk', 'helper/transaction/transaction.c',
                 'if (r == 0 && t->protect == PROTECT_IN_PLACE) { r = sync_trees(t);',
                 'if (r == 0 && t->protect == PROTECT_IN_PLACE) { r = 0;',
                 ('power', '--on=ext4', 'in place')),
        Mutation('recovery does not run Restore=', 'helper/transaction/rollback.c',
                 'if (!effects_begun(flight))', 'if (true)', ('kill', 'hooks alone')),
        Mutation('a recording is not written down', 'helper/adopt.c',
                 'r = flight_write(&flight, PHASE_RECORDING);',
                 'r = 0;', ('kill', 'detected')),
        Mutation('the new marker is made before the old one goes', 'lib/store/store.c',
                 'r = fresh_list(store, &names); /*',
                 'r = fresh_list(store, &names); if (r == 0 && name && '
                 '!strv_contains(names, name)) r = durable_replace(store->fd, name, "", 0); /*',
                 ('kill', 'a marker')),
        Mutation('a backup that is to go is not marked on disk', 'helper/prune.c',
                 'else if (fsync(fd) < 0) r = -errno; return r < 0 ? complain_base(prune, "rename"',
                 'return r < 0 ? complain_base(prune, "rename"',
                 ('power', '--on=btrfs', 'prune'), ('power', 'prune')),
        Mutation('a backup goes without being marked', 'helper/prune.c',
                 'else if (renameat(fd, backup->id, fd, marked) < 0 && errno != ENOENT)',
                 'else if (stage_remove(fd, backup->id) < 0)', ('kill', 'prune')),
        Mutation('a way back is kept of what was not done', 'helper/transaction/recover.c',
                 'r = keep_steps_drop(flight->store, flight->id);', 'r = 0;',
                 ('kill', '--on=ext4', 'steps with a way back')),
        Mutation('a way back is kept after the commit', 'helper/transaction/transaction.c',
                 'r = keep_steps(&t); if (r == 0) r = note_live(&t); if (r == 0) r = prove(&t); '
                 'if (r == 0) r = swap(&t);',
                 'r = note_live(&t); if (r == 0) r = prove(&t); if (r == 0) r = swap(&t); '
                 'if (r == 0) r = keep_steps(&t);',
                 ('kill', '--on=ext4', 'steps with a way back')),
        Mutation('the record of a way back is there before its files', 'lib/wayback/write.c',
                 'if (syncfs(writing->fd) < 0)', 'if (false)',
                 ('power', '--on=ext4', 'steps with a way back')),
        Mutation('a backup is put back with what a try has left', 'helper/restore/move.c',
                 'r = remove_scrap(place, own_fd);', 'r = 0;',
                 ('errors', '--on=ext4', 'restore around')),
        Mutation('a backup is put back by the name of a clone', 'helper/restore/move.c',
                 'return r == 0 ? rename_within(own_fd, clone, place->entry) : r;', 'return r;',
                 ('kill', '--on=ext4', 'restore around')),
        Mutation('the store stays between versions when a backup is put back',
                 'helper/restore/move.c', 'if (r == 0 && flight->between)', 'if (false)',
                 ('kill', '--on=ext4', 'restore with the stamp')),
        Mutation('a try that was given up counts as writing', 'lib/tree/walk.c',
                 'if (!dir->parent && walk->root_may_move)', 'if (false)',
                 ('errors', '--on=ext4', 'nobody has used a mount point')),
        Mutation('what was exchanged with nothing goes before the record says so',
                 'helper/transaction/conclude.c', 'r = flight_forget_other_stamps(flight, false); if (r == 0) '
                 'r = flight_write(flight, PHASE_CONCLUDING);',
                 'r = flight_forget_other_stamps(flight, false);',
                 ('kill', '--on=ext4', 'restore of what is missing')),
        Mutation('what is about to be live is not noted', 'helper/transaction/transaction.c',
                 'live_note(t->flight.record, fds, &canceled);', ';',
                 ('kill', '--on=ext4', *ONE)),
        Mutation('what is about to come back is not noted', 'helper/restore/restore.c',
                 'if (whole) live_note(flight->record, fds, &canceled);', '',
                 ('kill', '--on=ext4', 'restore on two')),
        Mutation('whatever was written, it counts as untouched', 'lib/judge/live.c',
                 'streq(noted, fingerprint)', 'true', ('kill', '--on=ext4', *ONE)),
        Mutation('a forgotten stamp may come back after a power cut', 'helper/forget.c',
                 'r = stamp_clear(lodging->fd, run->store->name); if (r == 0 && '
                 'fsync(lodging->fd) < 0) r = -errno;',
                 'r = stamp_clear(lodging->fd, run->store->name);',
                 ('power', '--on=ext4', *FORGET), ('power', *FORGET)),
        Mutation('what is remembered goes first', 'helper/forget.c', 'r = append_entry(run, known);',
                 'r = record_remove(run->store, RECORD_KNOWN); if (r == 0) '
                 'r = append_entry(run, known);', ('kill', '--on=ext4', *FORGET)),
        Mutation('a move is not written down', 'helper/relocate/relocate.c', 'e = write_moving(r, records);',
                 'e = 0;', ('kill', '--on=ext4', *FORMER)),
        Mutation('the record of a move goes before the stamps are renamed', 'helper/relocate/relocate.c',
                 '*ret_doing = "renaming stamps";',
                 '*ret_doing = "renaming stamps"; e = record_remove(&r->session->store, '
                 'RECORD_MOVING); if (e == 0)', ('kill', '--on=ext4', *FORMER)),
        Mutation('the clone of a rehearsal goes after what tells of it', 'helper/transaction/rehearsal-left.c',
                 'for (char **base = bases; r >= 0 && base && *base; base++) {',
                 'if (r >= 0) r = record_remove(store, RECORD_REHEARSING); '
                 'for (char **base = bases; r >= 0 && base && *base; base++) {',
                 ('kill', '--on=ext4', 'a rehearsal'), ('kill', '--all', '--on=ext4', 'a rehearsal')),
        Mutation('what a rehearsal has left stays when that is settled', 'helper/run.c',
                 'rehearsal_drop(&session.store, false) < 0)', 'false)',
                 ('kill', '--on=ext4', 'a rehearsal')),
    ]


def write(path, text):
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
