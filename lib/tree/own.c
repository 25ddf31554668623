/* SPDX-License-Identifier: MIT */
/* Changes owners as PID 1 does for StateDirectory=. */
#include "tree/tree.h"

#include "tree/walk.h"

#include <fcntl.h>

typedef struct Owner {
    uid_t uid;
    gid_t gid;
} Owner;

static int give(const Walk *walk, int dir_fd, const char *name, const struct statx *st)
{
    const Owner *owner = walk->userdata;
    mode_t mode = st->stx_mode & 07777;

    if (fchownat(dir_fd, name, owner->uid, owner->gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    /* chown(2) has removed these bits. */
    if (!S_ISLNK(st->stx_mode) && mode & (S_ISUID | S_ISGID) &&
        (*name ? fchmodat(dir_fd, name, mode, 0) : fchmod(dir_fd, mode)) < 0)
        return -errno;
    return 0;
}

static int own_directory(Walk *walk, Dir *dir)
{
    int r = give(walk, dir->fd, "", &dir->st);

    return r < 0 ? walk_blame(walk, dir, NULL, "cannot be given to the user", r) : 0;
}

static int own_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    int r = give(walk, dir->fd, name, st);

    return r < 0 ? walk_blame(walk, dir, name, "cannot be given to the user", r) : 0;
}

int tree_own(int dir_fd, uid_t uid, gid_t gid, const volatile sig_atomic_t *cancel,
             char **reterr_what)
{
    static const WalkOps ops = {.enter = own_directory, .entry = own_entry};
    Owner owner = {.uid = uid, .gid = gid};
    _cleanup_walk_ Walk *walk = walk_new(&ops, cancel, NULL, &owner);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->live = true; /* the walk itself changes ctimes */
    r = walk_run(walk, dir_fd);
    *reterr_what = r == 0 ? NULL : TAKE_PTR(walk->what);
    return r == CLONE_REFUSED ? -EXDEV : r;
}
