# SPDX-License-Identifier: MIT
"""A state of known content: making it at its first version, the script that migrates it, and looking at all of it."""

import hashlib
import os
import shutil
import stat

from ground import command

OWNER = (1234, 1235)
STAMP = '.stateversion.app='
MARK = 'trusted.migrate.transaction'
FOREIGN = ('.migrate', 'lost+found')  # entries of a mount point that are no part of its state

# In every directory a file goes, one comes, and one grows. No command finds the temporary files of another.
SCRIPT = '''#!/bin/sh -e
mkdir /tmp/temporary
echo "$TO" >/tmp/temporary/file
i=1
while eval "place=\\${STATE_$i-}"; [ -n "$place" ]; do
        echo "$TO" >"$place/version"
        echo "migrated to $TO" >>"$place/data/letters"
        rm "$place/is-$FROM"
        echo "$TO" >"$place/is-$TO"
        i=$((i + 1))
done
echo "the script went from $FROM to $TO"
'''
VERIFY = '''#!/bin/sh
[ "$(cat "$STATE/version")" = "$TO" ] && mkdir /tmp/temporary
'''


def write(path, text, mode=0o640, owner=OWNER):
    with open(path, 'w') as file:
        file.write(text)
    os.chmod(path, mode)
    os.chown(path, *owner)


def write_script(path, text):
    write(path, text, 0o755, (0, 0))


def remove(path):
    if not os.path.islink(path) and os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def make_state(directory, version, stamped, subvolume=False):
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    if subvolume:
        command('btrfs', 'subvolume', 'create', directory)
    elif not os.path.ismount(directory):
        os.mkdir(directory)
    os.mkdir(directory + '/data', 0o750)
    write(directory + '/version', f'{version}\n')
    write(f'{directory}/is-{version}', f'{version}\n')
    write(directory + '/data/letters', 'a\nb\nc\n' * 100)
    os.link(directory + '/data/letters', directory + '/data/same')
    os.symlink('data/letters', directory + '/link')
    os.mkfifo(directory + '/fifo')
    os.setxattr(directory + '/data/letters', 'user.note', b'kept')
    write(directory + '/data/long', ''.join(f'line {i} of {directory}\n' for i in range(2000)))
    with open(directory + '/data/sparse', 'wb') as file:
        file.seek(1 << 20)
        file.write(b'end')
    if stamped:
        write(f'{directory}/{STAMP}{version}', '', 0o444)
        # an earlier migration's, on a state that had one
        os.setxattr(directory, MARK, b'20200202T020202Z-02020202')
    os.chown(directory + '/data', *OWNER)
    os.chown(directory, *OWNER)
    # the same each time, so that what a clone has can be compared with an earlier one
    for name in tree(directory):
        os.utime(f'{directory}/{name}', (1000000000, 1000000000), follow_symlinks=False)


### looking


# Of an entry.
FIELDS = ('mode', 'uid', 'gid', 'links', 'size', 'mtime', 'content', 'attributes', 'inode', 'ctime')
MTIME, ATTRIBUTES, INODE, CTIME = 5, 7, 8, 9


def entry_of(path, ctime):
    st = os.lstat(path)
    kind = stat.S_IFMT(st.st_mode)
    content = None
    if kind == stat.S_IFREG:
        with open(path, 'rb') as file:
            content = hashlib.sha256(file.read()).hexdigest()[:16]
    elif kind == stat.S_IFLNK:
        content = os.readlink(path)
    attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False))
                       for name in sorted(os.listxattr(path, follow_symlinks=False)))
    return (oct(st.st_mode), st.st_uid, st.st_gid, st.st_nlink if kind != stat.S_IFDIR else 0,
            st.st_size if kind != stat.S_IFDIR else 0, st.st_mtime_ns, content, attributes,
            st.st_ino, st.st_ctime_ns if ctime else 0)


def tree(top):
    """All about every entry but its atime, and the ctime of the root, which an exchange changes (on XFS the mtime,
    too)."""
    result = {'.': entry_of(top, False)}
    for directory, directories, files in os.walk(top):
        if directory == top:
            directories[:] = [name for name in directories if name not in FOREIGN]
        for name in directories + files:
            path = f'{directory}/{name}'
            result[os.path.relpath(path, top)] = entry_of(path, True)
    return result


def replaced(entry, **fields):
    values = list(entry)
    for name, value in fields.items():
        values[globals()[name]] = value
    return tuple(values)


def unstamped(entries):
    """Without the stamp and the times of the root, since a backup without a stamp gets one."""
    result = {name: entry for name, entry in entries.items() if not name.startswith(STAMP)}
    result['.'] = replaced(result['.'], MTIME=0, CTIME=0)
    return result


def content(entries):
    """All that a clone shares with its original: not inodes, ctimes, the stamp and the mark."""
    result = {name: replaced(entry, INODE=0, CTIME=0)
              for name, entry in unstamped(entries).items()}
    attributes = [pair for pair in result['.'][ATTRIBUTES] if pair[0] != MARK]
    result['.'] = replaced(result['.'], ATTRIBUTES=tuple(attributes))
    return result


def timeless(entries, original):
    """Without the mtimes of changed files, since they depend on when a script ran."""
    return {name: entry if entry == original.get(name) else replaced(entry, MTIME=None)
            for name, entry in entries.items()}


def differences(got, wanted):
    """Lines. A wanted mtime of None stands for any mtime."""
    for name in sorted(set(got) | set(wanted)):
        a, b = got.get(name), wanted.get(name)
        if a and b and b[MTIME] is None:
            a = replaced(a, MTIME=None)
        if a and b:
            for field, x, y in zip(FIELDS, a, b):
                if x != y:
                    yield f'{name}: {field} {x} instead of {y}'
        elif a or b:
            yield f'{name}: is {"there" if a else "missing"}'


def equal(got, wanted):
    return not any(differences(got, wanted))


def stamps(directory):
    return sorted(name[len(STAMP):] for name in os.listdir(directory) if name.startswith(STAMP))
