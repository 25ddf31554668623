/* SPDX-License-Identifier: MIT */
/* Walks over a tree, and makes its fingerprint. The walk's operations do the rest. */
#include "tree/walk.h"

#include "tree/inode.h"
#include "tree/subvolumes.h"
#include "tree/tree.h"

#include <fcntl.h>

/* May entries vanish, appear or change during this walk? */
static bool walk_expects_change(const Walk *walk)
{
    return walk->removing || walk->live;
}

int walk_blame(Walk *walk, const Dir *dir, const char *name, const char *problem, int r)
{
    if (!walk->what)
        walk->what = dir_describe(dir, name, problem);
    return r;
}

static int walk_fail(Walk *walk, const Dir *dir, const char *name, int r)
{
    return walk_blame(walk, dir, name, r == -ESTALE ? "changed meanwhile" : "cannot be read", r);
}

static int walk_check(Walk *walk, const Dir *dir, const char *name, const struct statx *st)
{
    if (!statx_is_mount_point(st, &dir->st))
        return 0;
    return walk_blame(walk, dir, name, "is a mount point", walk->removing ? -EBUSY : CLONE_REFUSED);
}

/* Adds an entry to the fingerprints. A start of a service with another User= changes the owners of
 * its state, hence the ctimes, and the mode of the root. */
static void walk_hash(Walk *walk, uint64_t parent_ino, const char *name, struct statx st)
{
    walk->fingerprint += entry_hash(parent_ino, name, &st);
    if (!walk->root_may_move)
        return;
    walk->files++;
    walk->bytes += st.stx_blocks * 512 / (S_ISDIR(st.stx_mode) ? 1 : MAX(st.stx_nlink, 1U));
    st.stx_uid = st.stx_gid = 0;
    st.stx_ctime = (struct statx_timestamp){};
    if (parent_ino == 0)
        st.stx_mode &= S_IFMT;
    walk->ownerless += entry_hash(parent_ino, name, &st);
}

static int walk_excluded(Walk *walk, Dir *dir, const char *name)
{
    struct statx st;
    bool mounted;
    int r;

    r = exclude_look(dir, name, &st, &mounted);
    if (r < 0)
        return walk_fail(walk, dir, name, changed_is_stale(r));
    if (!S_ISDIR(st.stx_mode))
        return walk_blame(walk, dir, name, "is excluded, but is not a directory", CLONE_REFUSED);
    walk_hash(walk, dir->st.stx_ino, name, exclude_known(&st, mounted));
    return walk->ops->excluded ? walk->ops->excluded(walk, dir, name, &st) : 0;
}

/* Does the fingerprint omit this entry? It omits stamps (empty files or links), because they are
 * renamed together with their state. */
static bool is_left_out(const Walk *walk, const Dir *dir, const char *name, const struct statx *st)
{
    return walk->stamps && !dir->parent && startswith(name, walk->stamps) &&
           (S_ISLNK(st->stx_mode) || (S_ISREG(st->stx_mode) && st->stx_size == 0));
}

static int walk_entry(Walk *walk, Dir *dir, const struct dirent64 *entry)
{
    const char *name = entry->d_name;
    struct statx st;
    int r;

    if (streq(name, ".") || streq(name, ".."))
        return 0;
    if (exclude_matches(walk, dir, name))
        return walk_excluded(walk, dir, name);
    /* Directories are checked when the walk enters them. */
    if (entry->d_type == DT_DIR)
        return dir_remember(dir, name);
    if (walk->removing && entry->d_type != DT_UNKNOWN)
        return walk->ops->entry(walk, dir, name, NULL);

    r = stat_at(dir->fd, name, &st);
    if (r == -ENOENT && walk_expects_change(walk))
        return 0;
    if (r < 0)
        return walk_fail(walk, dir, name, changed_is_stale(r));
    if (S_ISDIR(st.stx_mode))
        return dir_remember(dir, name);
    r = walk_check(walk, dir, name, &st);
    if (r != 0)
        return r;
    if (!is_left_out(walk, dir, name, &st))
        walk_hash(walk, dir->st.stx_ino, name, st);
    return walk->ops->entry ? walk->ops->entry(walk, dir, name, &st) : 0;
}

static int walk_list(Walk *walk, Dir *dir)
{
    for (;;) {
        ssize_t n = getdents64(dir->fd, walk->buffer, sizeof(walk->buffer));

        if (n == -1 && errno == ENOENT && walk->live) /* the directory was removed meanwhile */
            return 0;
        if (n == -1)
            return walk_fail(walk, dir, NULL, changed_is_stale(-errno));
        if (n == 0)
            return 0;
        for (ssize_t at = 0; at < n;) {
            const struct dirent64 *entry = (const void *)(walk->buffer + at);
            int r;

            if (walk_cancelled(walk))
                return -ECANCELED;
            r = walk_entry(walk, dir, entry);
            if (r != 0)
                return r;
            at += entry->d_reclen;
        }
    }
}

/* Checks that a directory with another st_dev than its parent is the root of a subvolume. (On
 * overlayfs, only files can have another st_dev than their directory.) */
static int walk_enter_subvolume(Walk *walk, Dir *dir)
{
    int r;

    if (is_subvolume_stub(dir->fd, &dir->st))
        return 0;
    if (!is_subvolume(dir->fd))
        return walk_blame(walk, dir, NULL, "is a subvolume of an unknown kind", CLONE_REFUSED);
    r = subvolume_is_read_only(dir->fd);
    if (r < 0)
        return walk_fail(walk, dir, NULL, r);
    dir->subvolume = true;
    dir->read_only = r > 0;
    walk->fingerprint += dir->read_only;
    return 0;
}

static void walk_hash_directory(Walk *walk, const Dir *dir)
{
    struct statx st = dir->st;

    /* A stamp that was added or removed has changed the root's times, and perhaps its size. */
    if (!dir->parent && walk->root_may_move) { /* mutation: ignore-own-writes */
        st.stx_mtime = st.stx_ctime = (struct statx_timestamp){};
        st.stx_size = 0;
    }
    /* The kernel invents the times of a stub. */
    if (dir->parent && is_subvolume_stub(dir->fd, &st))
        st.stx_mtime = st.stx_ctime = (struct statx_timestamp){};
    walk_hash(walk, dir->parent ? dir->parent->st.stx_ino : 0, dir->parent ? dir->name : "", st);
}

static int walk_enter(Walk *walk, Dir *dir)
{
    int r = 0;

    if (dir->parent && !walk->removing && !statx_same_device(&dir->st, &dir->parent->st))
        r = walk_enter_subvolume(walk, dir);
    if (r != 0)
        return r;
    walk_hash_directory(walk, dir);
    if (walk->ops->enter)
        r = walk->ops->enter(walk, dir);
    return r == 0 ? walk_list(walk, dir) : r;
}

/* Opens a subdirectory of dir. *ret stays NULL if the subdirectory is left out. */
static int walk_open(Walk *walk, Dir *dir, const char *name, Dir **ret)
{
    struct statx seen;
    Dir *child;
    int r;

    r = stat_at(dir->fd, name, &seen);
    if (r == -ENOENT && walk_expects_change(walk))
        return 0;
    if (r >= 0 && !S_ISDIR(seen.stx_mode) && walk->live)
        return 0;
    if (r >= 0 && !S_ISDIR(seen.stx_mode))
        r = -ESTALE;
    if (r < 0)
        return walk_fail(walk, dir, name, changed_is_stale(r));
    /* The check comes before opening, because a file system whose server hangs may be mounted
     * there. */
    r = walk_check(walk, dir, name, &seen);
    if (r != 0)
        return r;
    if (walk->ops->before) {
        r = walk->ops->before(walk, dir, name, &seen);
        if (r != 0)
            return r == WALK_SKIP ? 0 : r;
    }

    child = dir_new(dir, name);
    if (!child)
        return -ENOMEM;
    child->fd = open_quietly(dir->fd, name, O_DIRECTORY);
    r = child->fd < 0 ? child->fd : stat_at(child->fd, "", &child->st);
    if (r >= 0 && (!statx_same_inode(&seen, &child->st) || seen.stx_mnt_id != child->st.stx_mnt_id))
        r = -ESTALE;
    if (r < 0) {
        r = changed_is_stale(r);
        r = r == -ESTALE && walk->live ? 0 : walk_fail(walk, dir, name, r);
        dir_unref(child);
        return r;
    }
    *ret = child;
    return 0;
}

/* Closes the directory that is now WALK_OPEN_LEVELS above dir. */
static int walk_park(Walk *walk, Dir *dir)
{
    int r = 0;

    for (unsigned i = 0; dir && i < WALK_OPEN_LEVELS; i++)
        dir = dir->parent;
    if (!dir || dir->fd < 0)
        return 0;
    if (walk->ops->park)
        r = walk->ops->park(walk, dir);
    close_early(&dir->fd);
    return r;
}

static int walk_unpark(Walk *walk, Dir *dir, Dir *child)
{
    struct statx st;
    int r;

    if (dir->fd >= 0)
        return 0;
    dir->fd = open_quietly(child->fd, "..", O_DIRECTORY);
    r = dir->fd < 0 ? dir->fd : stat_at(dir->fd, "", &st);
    if (r >= 0 && !statx_same_inode(&st, &dir->st))
        r = -ESTALE;
    if (r < 0)
        return walk_fail(walk, dir, NULL, changed_is_stale(r));
    return walk->ops->unpark ? walk->ops->unpark(walk, dir, child) : 0;
}

static int walk_leave(Walk *walk, Dir *dir)
{
    int r = walk_expects_change(walk) ? 0 : check_unchanged(dir->fd, &dir->st);

    if (r < 0)
        return walk_fail(walk, dir, NULL, r);
    if (dir->parent)
        r = walk_unpark(walk, dir->parent, dir);
    if (r != 0)
        return r;
    return walk->ops->leave ? walk->ops->leave(walk, dir) : 0;
}

Walk *walk_new(const WalkOps *ops, const volatile sig_atomic_t *cancel, char *const *exclude,
               void *userdata)
{
    Walk *walk = calloc(1, sizeof(Walk));

    if (walk) {
        walk->ops = ops;
        walk->cancel = cancel;
        walk->exclude = exclude;
        walk->userdata = userdata;
    }
    return walk;
}

void cleanup_walk(Walk **walk)
{
    if (*walk)
        free((*walk)->what);
    free(*walk);
}

int walk_run(Walk *walk, int dir_fd)
{
    Dir *top = dir_new(NULL, "");
    int r;

    if (!top)
        return -ENOMEM;
    top->fd = open_quietly(dir_fd, ".", O_DIRECTORY);
    r = top->fd < 0 ? top->fd : exclude_check(walk->exclude);
    if (r >= 0)
        r = stat_at(top->fd, "", &top->st);
    if (r < 0)
        walk_fail(walk, top, NULL, r);
    else
        r = walk_enter(walk, top);

    while (r == 0 && top) {
        const char *name = dir_next(top);
        Dir *next = NULL;

        if (name) {
            r = walk_open(walk, top, name, &next);
            if (!next)
                continue; /* the subdirectory is left out, or r ends the walk */
            top = next;
            r = walk_park(walk, top);
            if (r == 0)
                r = walk_enter(walk, top);
        } else {
            r = walk_leave(walk, top);
            if (r == 0) {
                next = top->parent;
                dir_unref(top);
                top = next;
            }
        }
    }
    while (top) {
        Dir *parent = top->parent;

        dir_unref(top);
        top = parent;
    }
    return r;
}

/* --- fingerprints ---------------------------------------------------------------------------- */

/* Metadata is enough: content cannot change without a change of the ctime. */
static int take_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                            bool root_may_move, const char *stamps, MovedFingerprint *ret)
{
    static const WalkOps look_only = {};
    _cleanup_walk_ Walk *walk = walk_new(&look_only, cancel, exclude, NULL);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->root_may_move = root_may_move;
    walk->stamps = stamps;
    r = walk_run(walk, dir_fd);
    if (r == CLONE_REFUSED)
        return -EXDEV; /* a mount or a subvolume has appeared */
    if (r == 0)
        *ret = (MovedFingerprint){walk->fingerprint, walk->ownerless, walk->bytes, walk->files};
    return r;
}

int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret)
{
    MovedFingerprint fingerprint;
    int r = take_fingerprint(dir_fd, exclude, cancel, false, NULL, &fingerprint);

    if (r == 0)
        *ret = fingerprint.all;
    return r;
}

int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, MovedFingerprint *ret)
{
    return take_fingerprint(dir_fd, exclude, cancel, true, stamps, ret);
}
