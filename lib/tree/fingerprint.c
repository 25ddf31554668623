/* SPDX-License-Identifier: MIT */
/* What a tree looks like, in 64 bits, and how the walk names the entries that it complains about.
 * Reads metadata only: nobody can change content without changing a ctime. */
#include "tree/fingerprint.h"

#include "tree/clone.h"
#include "tree/walk.h"

#include <fcntl.h>

/* The atime is missing on purpose: reading is not changing. So is st_dev: a file system gets
 * another one each time that it is mounted. */
uint64_t entry_hash(uint64_t parent_ino, const char *name, const struct statx *st)
{
    const uint64_t fields[] = {
        parent_ino,
        st->stx_ino,
        (uint64_t)st->stx_mode << 32 | st->stx_nlink,
        (uint64_t)st->stx_uid << 32 | st->stx_gid,
        st->stx_size,
        st->stx_mtime.tv_sec,
        (uint64_t)st->stx_mtime.tv_nsec << 32 | st->stx_ctime.tv_nsec,
        st->stx_ctime.tv_sec,
        (uint64_t)st->stx_rdev_major << 32 | st->stx_rdev_minor,
    };
    uint64_t hash = hash_string(hash_bytes(HASH_INIT, fields, sizeof(fields)), name);

    /* The hashes of a tree are added up, and neighbouring FNV values differ too regularly for that:
     * scatter them (the finalizer of splitmix64). */
    hash ^= hash >> 30;
    hash *= UINT64_C(0xbf58476d1ce4e5b9);
    hash ^= hash >> 27;
    hash *= UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

bool entry_unchanged(const struct statx *a, const struct statx *b)
{
    return statx_same_inode(a, b) && a->stx_mnt_id == b->stx_mnt_id &&
           entry_hash(0, "", a) == entry_hash(0, "", b);
}

static int take_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                            bool root_may_move, const char *stamps, uint64_t *ret)
{
    static const WalkOps look_only = {};
    _cleanup_free_ Walk *walk = calloc(1, sizeof(Walk));
    int fd, r;

    if (!walk)
        return -ENOMEM;
    walk->ops = &look_only;
    walk->cancel = cancel;
    walk->exclude = exclude;
    walk->root_may_move = root_may_move;
    walk->stamps = stamps;
    fd = open_quietly(dir_fd, ".", O_DIRECTORY);
    if (fd < 0)
        return fd;
    r = walk_run(walk, fd);
    free(walk->what);
    if (r == CLONE_REFUSED)
        return -EXDEV; /* a mount or a subvolume has appeared since */
    if (r == 0)
        *ret = walk->fingerprint;
    return r;
}

int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret)
{
    return take_fingerprint(dir_fd, exclude, cancel, false, NULL, ret);
}

int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret)
{
    return take_fingerprint(dir_fd, exclude, cancel, true, stamps, ret);
}
