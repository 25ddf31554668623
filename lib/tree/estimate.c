/* SPDX-License-Identifier: MIT */
/* Estimates the space that a clone needs. */
#include "tree/tree.h"

#include "tree/inode.h"
#include "tree/links.h"
#include "tree/walk.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/* Returns false also if the test is not possible: no unnamed files, no inode left. */
bool clone_can_share(int dir_fd)
{
    static const char block[65536] = {1};
    int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
    _cleanup_close_ int from = openat(dir_fd, ".", flags, 0600),
                        to = openat(dir_fd, ".", flags, 0600);

    return from >= 0 && to >= 0 && write_all(from, block, sizeof(block)) == 0 &&
           ioctl(to, FICLONE, from) == 0;
}

typedef struct Measured {
    CloneEstimate estimate;
    Links links;
} Measured;

static void count(CloneEstimate *estimate, const struct statx *st)
{
    estimate->inodes++;
    estimate->bytes += st->stx_blocks * 512;
    if (S_ISREG(st->stx_mode))
        estimate->copied += statx_content(st);
}

static int measure_enter(Walk *walk, Dir *dir)
{
    Measured *measured = walk->userdata;

    measured->estimate.files += dir->parent != NULL;
    count(&measured->estimate, &dir->st);
    return 0;
}

/* A file with several names is copied once, so it counts once. */
static int measure_entry(Walk *walk, Dir *dir, const char *name, const struct statx *unused)
{
    Measured *measured = walk->userdata;
    struct statx st;
    Link *link;
    int r;

    r = stat_at(dir->fd, name, &st);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    measured->estimate.files++;
    if (st.stx_nlink > 1 && !S_ISDIR(st.stx_mode)) {
        link = links_find(&measured->links, &st);
        if (link) {
            links_count(&measured->links, link);
            return 0;
        }
        r = links_add(&measured->links, dir, name, &st, 0);
        if (r < 0)
            return r;
    }
    count(&measured->estimate, &st);
    return 0;
}

/* Sets walk->removing only because such a walk accepts changes of the tree. Removes nothing. */
int tree_measure(int fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                 CloneEstimate *ret)
{
    static const WalkOps ops = {.enter = measure_enter, .entry = measure_entry};
    Measured measured = {};
    _cleanup_walk_ Walk *walk = walk_new(&ops, cancel, exclude, &measured);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->removing = true;
    r = walk_run(walk, fd);
    links_free(&measured.links);
    if (r != 0)
        return r < 0 ? r : -ESTALE;
    *ret = measured.estimate;
    return 0;
}

#define ATTEMPTS 3 /* the walk fails if a directory is replaced while the walk opens it */

int clone_estimate(int fd, int probe_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                   CloneEstimate *ret)
{
    int r = -ESTALE;

    if (clone_can_share(probe_fd)) {
        *ret = (CloneEstimate){.shared = true};
        return 0;
    }
    for (int i = 0; r == -ESTALE && i < ATTEMPTS; i++)
        r = tree_measure(fd, exclude, cancel, ret);
    return r;
}
