/* SPDX-License-Identifier: MIT */
/* Makes nested subvolumes in a clone. Opens the original again by name, without following links,
 * and checks that it is still the subvolume that the walk has seen. */
#include "tree/subvolumes.h"

#include "tree/btrfs.h"
#include "tree/inode.h"

#include <fcntl.h>

int subvolumes_add(Subvolumes *subvolumes, Dir *dir, const char *name, const struct statx *st,
                   SubvolumeKind kind, bool read_only)
{
    char *copy = strdup(name);
    Subvolume *added = copy ? ARRAY_GROW(subvolumes->all, subvolumes->n) : NULL;

    if (!added) {
        free(copy);
        return -ENOMEM;
    }
    *added = (Subvolume){
        .parent = dir_ref(dir), .name = copy, .st = *st, .kind = kind, .read_only = read_only};
    return 0;
}

void subvolumes_free(Subvolumes *subvolumes)
{
    for (size_t i = 0; i < subvolumes->n; i++) {
        dir_unref(subvolumes->all[i].parent);
        free(subvolumes->all[i].name);
    }
    free(subvolumes->all);
    *subvolumes = (Subvolumes){};
}

static int open_original(const Subvolume *subvolume, int source, bool live)
{
    _cleanup_close_ int parent = -1, fd = -1;
    struct statx st;
    int r;

    parent = dir_open_beneath(subvolume->parent, source, true);
    if (parent < 0)
        return changed_is_stale(parent);
    fd = open_quietly(parent, subvolume->name, O_DIRECTORY);
    if (fd < 0)
        return changed_is_stale(fd);
    r = stat_at(fd, "", &st);
    if (r < 0)
        return r;
    if (live ? !statx_same_inode(&st, &subvolume->st) : !entry_unchanged(&st, &subvolume->st))
        return -ESTALE;
    return TAKE_FD(fd);
}

static int replace_stub(const Subvolume *subvolume, int source, int parent, bool live)
{
    _cleanup_close_ int original = -1;

    if (subvolume->kind == SUBVOLUME_SNAPSHOT) {
        original = open_original(subvolume, source, live);
        if (original < 0)
            return original;
    }
    if (unlinkat(parent, subvolume->name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return -errno;
    return subvolume->kind == SUBVOLUME_SNAPSHOT
               ? snapshot_create(original, parent, subvolume->name)
               : exclude_stand_in(parent, subvolume->name, &subvolume->st);
}

static int open_parent(const Subvolume *subvolume, int target)
{
    _cleanup_close_ int fd = dir_open_beneath(subvolume->parent, target, false);

    return fd < 0 ? fd : open_quietly(fd, ".", O_DIRECTORY);
}

/* Makes one subvolume, and restores the times of its parent directory, which is complete
 * already. */
static int subvolume_clone(const Subvolume *subvolume, int source, int target, bool live)
{
    _cleanup_close_ int parent = open_parent(subvolume, target);
    struct timespec times[2];
    struct statx st;
    bool sealed;
    int r;

    if (parent < 0)
        return parent;
    r = stat_at(parent, "", &st);
    if (r < 0)
        return r;
    sealed = statx_is_sealed(&st);
    if (sealed)
        r = unseal_file(parent);
    if (r >= 0)
        r = replace_stub(subvolume, source, parent, live);
    if (r < 0)
        return r;
    times[0] = statx_time(&st.stx_atime);
    times[1] = statx_time(&st.stx_mtime);
    if (futimens(parent, times) < 0)
        return -errno;
    return sealed ? seal_file(parent, st.stx_attributes) : 0;
}

static int make_read_only(const Subvolume *subvolume, int target)
{
    _cleanup_close_ int parent = open_parent(subvolume, target), fd = -1;

    if (parent < 0)
        return parent;
    fd = open_quietly(parent, subvolume->name, O_DIRECTORY);
    return fd < 0 ? fd : subvolume_set_read_only(fd, true);
}

int subvolumes_clone(const Subvolumes *subvolumes, Walk *walk, int source, int target)
{
    const Subvolume *end = subvolumes->all + subvolumes->n, *at;
    int r = 0;

    for (at = subvolumes->all; at < end && r >= 0; at++) {
        if (walk_cancelled(walk))
            return -ECANCELED;
        if (at->kind == SUBVOLUME_FILLED)
            continue;
        r = subvolume_clone(at, source, target, walk->live);
        if (r < 0)
            walk_blame(walk, at->parent, at->name,
                       r == -ESTALE ? "changed while it was copied" : "cannot be snapshotted");
    }
    /* Read-only flags come last, because other subvolumes may be nested in a read-only one. */
    for (at = subvolumes->all; at < end && r >= 0; at++) {
        if (!at->read_only || at->kind == SUBVOLUME_EXCLUDED)
            continue;
        r = make_read_only(at, target);
        if (r < 0)
            walk_blame(walk, at->parent, at->name, "cannot be made read-only in the copy");
    }
    return r;
}
