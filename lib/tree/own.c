/* SPDX-License-Identifier: MIT */
/* Changes owners as PID 1 does for StateDirectory=. */
#include "tree/tree.h"

#include "tree/inode.h"
#include "tree/walk.h"

#include <fcntl.h>
#include <sys/stat.h>

typedef struct Owner {
    uid_t uid;
    gid_t gid;
} Owner;

/* Uses no name twice: the directory may belong to the user already, who can exchange the entry for a
 * link. */
static int give(const Walk *walk, int dir_fd, const char *name, const struct statx *st)
{
    const Owner *owner = walk->userdata;
    _cleanup_close_ int fd =
        openat(dir_fd, *name ? name : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    const mode_t mode = st->stx_mode & 07777;
    struct statx now;
    int r = fd < 0 ? changed_is_stale(-errno) : stat_at(fd, "", &now);

    if (r < 0)
        return r;
    if (!statx_same_inode(&now, st) || now.stx_mode != st->stx_mode)
        return -ESTALE;
    if (fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) < 0)
        return -errno;
    /* chown(2) has removed these bits. */
    if (!S_ISLNK(st->stx_mode) && mode & (S_ISUID | S_ISGID) && chmod(fd_path(fd).path, mode) < 0)
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
