/* SPDX-License-Identifier: MIT */
/* Makes nested subvolumes in a clone. */
#include "tree/subvolumes.h"

#include "tree/inode.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

bool is_subvolume(int fd)
{
    struct statfs fs;
    struct statx st;

    return fstatfs(fd, &fs) >= 0 && fs.f_type == BTRFS_SUPER_MAGIC && stat_at(fd, "", &st) >= 0 &&
           st.stx_ino == BTRFS_FIRST_FREE_OBJECTID && S_ISDIR(st.stx_mode);
}

static int call_with_name(int parent_fd, unsigned long request, const char *name)
{
    struct btrfs_ioctl_vol_args arguments = {};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, request, &arguments) < 0 ? -errno : 0;
}

int subvolume_create(int parent_fd, const char *name)
{
    return call_with_name(parent_fd, BTRFS_IOC_SUBVOL_CREATE, name);
}

int snapshot_create(int fd, int parent_fd, const char *name)
{
    struct btrfs_ioctl_vol_args_v2 arguments = {.fd = fd};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, BTRFS_IOC_SNAP_CREATE_V2, &arguments) < 0 ? -errno : 0;
}

int subvolume_destroy(int parent_fd, const char *name)
{
    return call_with_name(parent_fd, BTRFS_IOC_SNAP_DESTROY, name);
}

int subvolume_set_read_only(int fd, bool read_only)
{
    uint64_t flags, wanted;

    if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
        return -errno;
    wanted = (flags & ~(uint64_t)BTRFS_SUBVOL_RDONLY) | (read_only ? BTRFS_SUBVOL_RDONLY : 0);
    if (wanted == flags)
        return 0;
    return ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &wanted) < 0 ? -errno : 0;
}

int subvolume_is_read_only(int fd)
{
    uint64_t flags;

    if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
        return -errno;
    return !!(flags & BTRFS_SUBVOL_RDONLY);
}

bool tree_is_read_only(int fd)
{
    return is_subvolume(fd) && subvolume_is_read_only(fd) > 0;
}

int tree_set_read_only(int fd, bool read_only)
{
    return subvolume_set_read_only(fd, read_only);
}

bool is_subvolume_stub(int fd, const struct statx *st)
{
    struct statfs fs;

    return st->stx_ino == BTRFS_EMPTY_SUBVOL_DIR_OBJECTID && fstatfs(fd, &fs) >= 0 &&
           fs.f_type == BTRFS_SUPER_MAGIC;
}

/* --- the subvolumes of a tree ------------------------------------------------------------------ */

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

/* Opens the original again by name. -ESTALE: the walk has seen another inode. */
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
                       r == -ESTALE ? "changed while it was copied" : "cannot be snapshotted", r);
    }
    /* Read-only flags come last, because a read-only subvolume may contain others. */
    for (at = subvolumes->all; at < end && r >= 0; at++) {
        if (!at->read_only || at->kind == SUBVOLUME_EXCLUDED)
            continue;
        r = make_read_only(at, target);
        if (r < 0)
            walk_blame(walk, at->parent, at->name, "cannot be made read-only in the copy", r);
    }
    return r;
}
