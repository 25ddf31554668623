/* SPDX-License-Identifier: MIT */
/* The walk's part of a clone: makes directories and hard links, and queues other entries for the
 * pool. Other users cannot enter the clone (mode 0700) until its root is complete. */
#include "tree/private.h"

#include "tree/inode.h"
#include "tree/links.h"
#include "tree/pool.h"
#include "tree/subvolumes.h"
#include "tree/walk.h"

#include <fcntl.h>

typedef struct Clone {
    Pool pool;
    Links links;
    Subvolumes subvolumes;
    Scratch *scratch; /* buffers of the walk's thread */
    Dir *root;        /* a reference */
    int target_fd;
    struct statx target;
} Clone;

/* Lists a nested subvolume for a snapshot after the walk. If something in the subvolume is
 * excluded, a new subvolume is filled entry by entry instead. */
static int clone_enter_subvolume(Walk *walk, Clone *clone, Dir *dir)
{
    bool fill = !dir->snapshot && exclude_below(walk, dir);

    dir->snapshot = !fill;
    return subvolumes_add(&clone->subvolumes, dir->parent, dir->name, &dir->st,
                          fill ? SUBVOLUME_FILLED : SUBVOLUME_SNAPSHOT, dir->read_only);
}

static int create_dir(int parent_fd, const Dir *dir)
{
    if (dir->subvolume)
        return subvolume_create(parent_fd, dir->name);
    return mkdirat(parent_fd, dir->name, 0700) < 0 ? -errno : 0;
}

static int clone_enter(Walk *walk, Dir *dir)
{
    Clone *clone = walk->userdata;
    Dir *parent = dir->parent;
    int r = 0;

    if (statx_same_inode(&dir->st, &clone->target))
        return walk_blame(walk, dir, NULL, "is where the clone is made", CLONE_REFUSED);
    if ((dir->st.stx_attributes & STATX_ATTR_ENCRYPTED) &&
        !(clone->target.stx_attributes & STATX_ATTR_ENCRYPTED))
        return walk_blame(walk, dir, NULL, "is encrypted, and its copy would not be",
                          CLONE_REFUSED);
    dir->snapshot = parent && parent->snapshot;
    if (dir->subvolume)
        r = clone_enter_subvolume(walk, clone, dir);
    if (r < 0)
        return r;
    if (dir->snapshot) {
        atomic_fetch_add(&clone->pool.copy.files, 1);
        return 0;
    }
    r = pool_open_dir(&clone->pool);
    if (r != 0)
        return r;

    clone->scratch->problem = "cannot be created in the copy";
    if (parent)
        r = create_dir(parent->target_fd, dir);
    if (r >= 0) {
        dir->target_fd =
            openat(parent ? parent->target_fd : clone->target_fd, parent ? dir->name : ".",
                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = dir->target_fd < 0
                ? -errno
                : prepare_directory(clone->scratch, dir->fd, dir->target_fd, !parent);
    }
    if (r < 0)
        return walk_blame(walk, dir, NULL, clone->scratch->problem, r);
    if (parent)
        atomic_fetch_add(&clone->pool.copy.files, 1);
    else
        clone->root = dir_ref(dir);
    pool_enter_dir(&clone->pool, dir);
    return 0;
}

/* Makes a further name (hard link) of a file that is already in the clone. */
static int clone_further_name(Clone *clone, Dir *dir, const char *name, Link *link)
{
    _cleanup_close_ int first = dir_open_beneath(link->dir, clone->target_fd, false);
    struct statx st;
    int r;

    if (first < 0)
        return first;
    if (linkat(first, link->name, dir->target_fd, name, 0) < 0)
        return -errno;
    r = stat_at(dir->target_fd, name, &st);
    if (r < 0)
        return r;
    if (st.stx_ino != link->target_ino)
        return -ESTALE;
    links_count(&clone->links, link);
    atomic_fetch_add(&clone->pool.copy.files, 1);
    return 0;
}

/* Makes the first name of a file at once, so that further names need not wait for the file's
 * content. */
static int clone_first_name(const Walk *walk, Clone *clone, Dir *dir, const char *name,
                            const struct statx *st)
{
    struct statx made;
    int r;

    if (S_ISREG(st->stx_mode)) {
        _cleanup_close_ int fd = openat(dir->target_fd, name,
                                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        r = fd < 0 ? -errno : 0;
    } else
        r = copy_special(clone->scratch, dir->fd, dir->target_fd, name, st);
    if (r >= 0)
        r = stat_at(dir->target_fd, name, &made);
    if (r == -ENOENT && walk->live) /* the entry has vanished */
        return 0;
    if (r >= 0)
        r = links_add(&clone->links, dir, name, st, made.stx_ino);
    if (r < 0 || !S_ISREG(st->stx_mode))
        return r;
    return pool_add(&clone->pool, dir, name, st, COPY_EXISTS | COPY_UNSEALED);
}

static int clone_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Clone *clone = walk->userdata;
    Link *link;
    int r;

    pool_report(&clone->pool);
    clone->scratch->problem = NULL;
    if (dir->snapshot) {
        atomic_fetch_add(&clone->pool.copy.files, 1);
        if (S_ISREG(st->stx_mode))
            atomic_fetch_add(&clone->pool.copy.bytes, statx_content(st));
        return 0;
    }
    if (!S_ISREG(st->stx_mode) && !S_ISLNK(st->stx_mode) && !S_ISFIFO(st->stx_mode) &&
        !S_ISSOCK(st->stx_mode) && !S_ISCHR(st->stx_mode) && !S_ISBLK(st->stx_mode))
        return walk_blame(walk, dir, name, "is of an unknown type", CLONE_REFUSED);
    if (st->stx_nlink <= 1)
        return pool_add(&clone->pool, dir, name, st, 0);

    link = links_find(&clone->links, st);
    r = link ? clone_further_name(clone, dir, name, link)
             : clone_first_name(walk, clone, dir, name, st);
    if (r == -ESTALE)
        return walk_blame(walk, dir, name, "changed while it was copied", r);
    return r >= 0 || r == -ECANCELED
               ? r
               : walk_blame(walk, dir, name, clone->scratch->problem ?: "cannot be copied", r);
}

/* Makes an empty directory in place of an excluded one, which stays where it is in a swap. */
static int clone_excluded(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Clone *clone = walk->userdata;
    int r = exclude_stand_in(dir->target_fd, name, st);

    if (r < 0)
        return walk_blame(walk, dir, name, "cannot be created in the copy", r);
    atomic_fetch_add(&clone->pool.copy.files, 1);
    return 0;
}

static int clone_leave(Walk *walk, Dir *dir)
{
    Clone *clone = walk->userdata;

    /* The descriptor is closed now, because references to dir may be kept for long. */
    if (dir->snapshot)
        close_early(&dir->fd);
    else
        pool_leave_dir(&clone->pool, dir, clone->scratch);
    return 0;
}

static int clone_park(Walk *walk, Dir *dir)
{
    Clone *clone = walk->userdata;
    struct statx st;
    int r;

    if (dir->snapshot)
        return 0;
    r = pool_wait_until(&clone->pool, &dir->jobs, 0);
    if (r == 0)
        r = stat_at(dir->target_fd, "", &st);
    if (r != 0)
        return r;
    dir->target_ino = st.stx_ino;
    close_early(&dir->target_fd);
    pool_close_dir(&clone->pool);
    return 0;
}

static int clone_unpark(Walk *walk, Dir *dir, Dir *child)
{
    Clone *clone = walk->userdata;
    _cleanup_close_ int from = -1;
    struct statx st;
    int r;

    if (dir->snapshot)
        return 0;
    r = pool_open_dir(&clone->pool);
    if (r != 0)
        return r;
    if (child->target_fd < 0) { /* a subvolume that does not exist in the clone yet */
        from = dir_open_beneath(dir, clone->target_fd, false);
        if (from < 0)
            return from;
    }
    dir->target_fd = openat(from < 0 ? child->target_fd : from, from < 0 ? ".." : ".",
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    r = dir->target_fd < 0 ? -errno : stat_at(dir->target_fd, "", &st);
    if (r < 0)
        return r;
    return st.stx_ino == dir->target_ino ? 0 : -ESTALE;
}

/* Sets the immutable and append-only flags of files with several names; the flags come last because
 * they forbid further names. Counts the files with names outside the tree. */
static int clone_seal(Clone *clone, Walk *walk, uint64_t *outside)
{
    for (;;) {
        _cleanup_(cleanup_link) Link *link = links_take(&clone->links);
        _cleanup_close_ int dir = -1, fd = -1;
        int r;

        if (!link)
            return 0;
        *outside += link->missing > 0;
        if (!link->seal)
            continue;
        dir = dir_open_beneath(link->dir, clone->target_fd, false);
        fd = dir < 0 ? dir : open_quietly(dir, link->name, 0);
        r = fd < 0 ? fd : seal_file(fd, link->seal);
        if (r < 0)
            return walk_blame(walk, link->dir, link->name, "has inode flags that cannot be kept",
                              r);
    }
}

int clone_entries(int source_fd, int target_fd, const CloneOptions *options, CloneResult *ret,
                  char **reterr_what)
{
    static const WalkOps ops = {
        .enter = clone_enter,
        .excluded = clone_excluded,
        .entry = clone_entry,
        .leave = clone_leave,
        .park = clone_park,
        .unpark = clone_unpark,
    };
    _cleanup_free_ Scratch *scratch = calloc(1, sizeof(Scratch));
    Clone clone = {.target_fd = target_fd, .scratch = scratch};
    _cleanup_walk_ Walk *walk = walk_new(&ops, options->cancel, options->exclude, &clone);
    uint64_t outside = 0;
    int r;

    if (!walk || !scratch)
        return -ENOMEM;
    scratch->copy = &clone.pool.copy;
    walk->live = options->live;
    r = stat_at(target_fd, "", &clone.target);
    if (r < 0)
        return r;
    r = pool_start(&clone.pool, options);
    if (r == 0)
        r = walk_run(walk, source_fd);
    if (r == 0)
        r = pool_wait_until(&clone.pool, &clone.root->pending, 1);
    if (r == 0)
        r = subvolumes_clone(&clone.subvolumes, walk, source_fd, target_fd);
    if (r == 0)
        r = clone_seal(&clone, walk, &outside);
    r = pool_finish(&clone.pool, clone.root, scratch, r, TAKE_PTR(walk->what));
    links_free(&clone.links);
    subvolumes_free(&clone.subvolumes);
    dir_unref(clone.root);
    if (r != 0) {
        *reterr_what = TAKE_PTR(clone.pool.what);
        return r;
    }
    ret->total = copy_progress(&clone.pool.copy);
    ret->fingerprint = walk->fingerprint;
    ret->linked_outside = outside;
    return 0;
}
