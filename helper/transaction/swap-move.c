/* SPDX-License-Identifier: MIT */
/* Moves entries. The user of a service may own one of the two directories, and rename its entries
 * at the same time: so no entry is checked before its use, and no link is followed. Only root can
 * reach the other directory. */
#include "transaction/swap-move.h"

#include "basic/directory.h"
#include "transaction/swap-frame.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* The most passes over a directory. One pass may miss entries: others add entries, and readdir(3)
 * may miss names while entries move. */
#define PASSES 32

static int fail(Move *move, const char *name, const char *problem, int r)
{
    if (!move->what)
        move->what = strprintf("'%s' %s", name, problem);
    return r;
}

static int rename_new(int from_fd, const char *from, int to_fd, const char *to)
{
    struct stat st;

    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) >= 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -errno;
    /* The file system does not support RENAME_NOREPLACE. */
    if (fstatat(to_fd, to, &st, AT_SYMLINK_NOFOLLOW) >= 0)
        return -EEXIST;
    return renameat(from_fd, from, to_fd, to) < 0 ? -errno : 0;
}

/* --- immutable files and read-only subvolumes ---------------------------------------------- */

/* Opens a regular file or directory through an O_PATH descriptor, since a user may have put a
 * device at the name. */
static int open_flagged(int dir_fd, const char *name)
{
    _cleanup_close_ int held = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    char path[sizeof("/proc/self/fd/") + 10];
    struct stat st;
    int fd;

    if (held < 0 || fstat(held, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return -EPERM;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", held);
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Renames an immutable or append-only file. */
static int rename_sealed(int from_fd, int to_fd, const char *name)
{
    _cleanup_close_ int fd = open_flagged(from_fd, name);
    int flags = 0, without, r;

    if (fd < 0)
        return fd;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return -EPERM;
    without = flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    if (without == flags)
        return -EPERM;
    if (ioctl(fd, FS_IOC_SETFLAGS, &without) < 0)
        return -errno;
    r = rename_new(from_fd, name, to_fd, name);
    return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 && r == 0 ? -errno : r;
}

/* Renames a read-only subvolume. EROFS has another reason if the subvolume is writable. */
static int rename_read_only(int from_fd, int to_fd, const char *name)
{
    _cleanup_close_ int fd = open_flagged(from_fd, name);
    int r, set;

    if (fd < 0)
        return fd;
    if (!tree_is_read_only(fd))
        return -EROFS;
    r = tree_set_read_only(fd, false);
    if (r < 0)
        return r;
    r = rename_new(from_fd, name, to_fd, name);
    set = tree_set_read_only(fd, true);
    return r < 0 ? r : set;
}

/* --- entries that cannot be renamed -------------------------------------------------------- */

static int open_scratch(const Move *move)
{
    int r = tree_remove(move->scratch_fd, move->scratch);

    if (r < 0)
        return r;
    if (mkdirat(move->scratch_fd, move->scratch, 0700) < 0)
        return -errno;
    return directory_fd(move->scratch_fd, move->scratch);
}

/* Copies an entry, syncs, renames the copy, and removes the original. After a crash, the next run
 * copies again, or only removes the original (move_onto()). */
static int move_by_copy(Move *move, int from_fd, int to_fd, const char *name)
{
    _cleanup_close_ int scratch = open_scratch(move);
    _cleanup_free_ char *what = NULL;
    int r;

    if (scratch < 0)
        return scratch;
    r = tree_copy_entry(from_fd, scratch, name, NULL, &what);
    if (r != CLONE_DONE) {
        if (!move->what)
            move->what =
                strprintf("'%s' cannot be copied%s%s", name, what ? ": " : "", what ? what : "");
        return r < 0 ? r : -EXDEV;
    }
    if (syncfs(scratch) < 0)
        return -errno;
    r = rename_new(scratch, name, to_fd, name);
    if (r == 0 && syncfs(scratch) < 0)
        r = -errno;
    return r == 0 ? tree_remove(from_fd, name) : r;
}

/* Handles a name that is taken in the target. If the entry cannot be renamed at all, the target has
 * a copy of the entry from before a crash, so removes the entry; else fails, because somebody has
 * made the name in the target since the swap began. */
static int move_onto(Move *move, int from_fd, const char *name)
{
    _cleanup_close_ int scratch = -1;
    int r;

    if (move->scratch_fd < 0)
        return fail(move, name, "has appeared since the swap began", -EEXIST);
    scratch = open_scratch(move);
    if (scratch < 0)
        return scratch;
    r = rename_new(from_fd, name, scratch, name);
    if (r == -EXDEV)
        return tree_remove(from_fd, name);
    if (r == 0)
        r = rename_new(scratch, name, from_fd, name);
    return r < 0 ? r : fail(move, name, "has appeared since the swap began", -EEXIST);
}

/* --- directories --------------------------------------------------------------------------- */

static int move_entry(Move *move, int from_fd, int to_fd, const char *name)
{
    int r = rename_new(from_fd, name, to_fd, name);

    if (r == -EPERM)
        r = rename_sealed(from_fd, to_fd, name);
    else if (r == -EROFS)
        r = rename_read_only(from_fd, to_fd, name);
    switch (r) {
    case -ENOENT: /* somebody has moved the entry */
        return 0;
    case -EXDEV:
        return move->scratch_fd >= 0 ? move_by_copy(move, from_fd, to_fd, name)
                                     : fail(move, name, "cannot be renamed", r);
    case -EEXIST:
    case -ENOTEMPTY:
        return move_onto(move, from_fd, name);
    case -EBUSY:
        return fail(move, name, "is a mount point", r);
    default:
        return r < 0 ? fail(move, name, "cannot be moved", r) : 0;
    }
}

/* Removes the empty directory that stands for an entry that stays. Fails if the directory has an
 * entry. */
static int drop_stand_in(Move *move, int from_fd, int frame_fd, const char *name)
{
    struct stat st;

    if (fstatat(frame_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!move->stand_ins || S_ISDIR(st.st_mode) || unlinkat(from_fd, name, AT_REMOVEDIR) >= 0 ||
        errno == ENOENT)
        return 0;
    return fail(move, name, "is excluded, but has something in its place", -errno);
}

/* Moves the entries of a directory once. Returns 1 if the directory had entries that do not stay, 0
 * if not, or a negative errno. */
static int pass(Move *move, int from_fd, int to_fd, int frame_fd, const char *stays)
{
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int met = 0, r = directory_open(from_fd, ".", &dir), next;

    if (r < 0)
        return r;
    while ((next = directory_next(dir, &de)) > 0) {
        if (stays && startswith(de->d_name, stays))
            continue;
        r = frame_has(frame_fd, de->d_name);
        if (r > 0) {
            r = drop_stand_in(move, from_fd, frame_fd, de->d_name);
            if (r < 0)
                return r;
            continue;
        }
        if (r == 0)
            r = move_entry(move, from_fd, to_fd, de->d_name);
        if (r < 0)
            return r;
        met = 1;
    }
    return next < 0 ? next : met;
}

static int move_level(Move *move, int from_fd, int to_fd, int frame_fd, const char *stays);

static int move_child(Move *move, int from_fd, int to_fd, int frame_fd, const char *name)
{
    _cleanup_close_ int from = directory_fd(from_fd, name), to = -1, frame = -1;

    if (from < 0)
        return fail(move, name, "was replaced by another directory", from);
    if (mkdirat(to_fd, name, 0700) < 0 && errno != EEXIST)
        return -errno;
    to = directory_fd(to_fd, name);
    frame = directory_fd(frame_fd, name);
    if (to < 0 || frame < 0)
        return fail(move, name, "was replaced by another directory", MIN(to, frame));
    return move_level(move, from, to, frame, NULL);
}

static int move_level(Move *move, int from_fd, int to_fd, int frame_fd, const char *stays)
{
    _cleanup_strv_ char **children = NULL;
    int r = 1;

    for (int i = 0; r > 0 && i < PASSES; i++)
        r = pass(move, from_fd, to_fd, frame_fd, stays);
    if (r > 0)
        return fail(move, ".", "is being written to", -EBUSY);
    if (r == 0)
        r = frame_directories(frame_fd, &children);
    for (char **child = children; r == 0 && child && *child; child++)
        r = move_child(move, from_fd, to_fd, frame_fd, *child);
    return r;
}

int move_entries(Move *move)
{
    return move_level(move, move->from_fd, move->to_fd, move->frame_fd, move->stays);
}
