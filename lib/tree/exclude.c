/* SPDX-License-Identifier: MIT */
/* Finds and checks the roots of excluded subtrees. The roots are never opened, because a file
 * system whose server hangs may be mounted there. */
#include "tree/walk.h"

#include "tree/inode.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

int exclude_check(char *const *exclude)
{
    for (; exclude && *exclude; exclude++)
        for (const char *component = *exclude;;) {
            size_t length = strcspn(component, "/");

            if (length == 0 || (length <= 2 && strspn(component, ".") >= length))
                return -EINVAL;
            if (!component[length])
                break;
            component += length + 1;
        }
    return 0;
}

static bool path_is(const char *path, const Dir *dir, const char *name)
{
    const char *end = path + strlen(path);

    for (;;) {
        size_t length = strlen(name);

        if ((size_t)(end - path) < length || memcmp(end - length, name, length) != 0)
            return false;
        end -= length;
        if (!dir->parent)
            return end == path;
        if (end == path || *--end != '/')
            return false;
        name = dir->name;
        dir = dir->parent;
    }
}

bool exclude_matches(const Walk *walk, const Dir *dir, const char *name)
{
    for (char *const *path = walk->exclude; path && *path; path++)
        if (path_is(*path, dir, name))
            return true;
    return false;
}

bool exclude_below(const Walk *walk, const Dir *dir)
{
    for (char *const *path = walk->exclude; path && *path; path++)
        for (const char *slash = strchr(*path, '/'); slash; slash = strchr(slash + 1, '/')) {
            _cleanup_free_ char *above = strndup(*path, slash - *path);

            /* Copying entry by entry is always correct, so an error returns true. */
            if (!above || path_is(above, dir->parent, dir->name))
                return true;
        }
    return false;
}

/* Stats the directory under a mount on name, in a detached copy of the parent's mount, where
 * nothing is mounted on name. Needs privileges. */
static int stat_beneath(int dir_fd, const char *name, struct statx *ret)
{
    _cleanup_close_ int fd = (int)syscall(SYS_open_tree, dir_fd, "",
                                          AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    return fd < 0 ? -errno : stat_at(fd, name, ret);
}

int exclude_look(const Dir *dir, const char *name, struct statx *ret, bool *ret_mounted)
{
    struct statx st;
    bool mounted;

    /* Cached attributes suffice: a network file system must not wait for its server. */
    if (statx(dir->fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
              STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
        return -errno;
    mounted = statx_is_mount_point(&st, &dir->st);
    if (mounted) {
        struct statx beneath;

        if (stat_beneath(dir->fd, name, &beneath) >= 0)
            st = beneath;
    }
    *ret = st;
    *ret_mounted = mounted;
    return 0;
}

struct statx exclude_known(const struct statx *st, bool mounted)
{
    return (struct statx){
        .stx_ino = st->stx_ino,
        .stx_mode = st->stx_mode,
        .stx_uid = st->stx_uid,
        .stx_gid = st->stx_gid,
        .stx_size = mounted,
    };
}

int exclude_stand_in(int parent_fd, const char *name, const struct statx *st)
{
    _cleanup_close_ int fd = -1;

    if (mkdirat(parent_fd, name, 0700) >= 0)
        fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 || fchown(fd, st->stx_uid, st->stx_gid) < 0 ||
                   fchmod(fd, st->stx_mode & 07777) < 0
               ? -errno
               : 0;
}
