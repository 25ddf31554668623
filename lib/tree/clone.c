/* SPDX-License-Identifier: MIT */
/* Makes a clone by a snapshot if the state is a subvolume, otherwise entry by entry. An incomplete
 * clone is removed. */
#include "tree/clone.h"

#include "basic/directory.h"
#include "tree/btrfs.h"
#include "tree/clone-entries.h"
#include "tree/inode.h"
#include "tree/remove.h"
#include "tree/snapshot.h"

#include <assert.h>
#include <fcntl.h>

static int check_mount(int source_fd, int target_parent_fd)
{
    struct statx source, parent;
    int r;

    r = stat_at(source_fd, "", &source);
    if (r >= 0)
        r = stat_at(target_parent_fd, "", &parent);
    if (r < 0)
        return r;
    if (!S_ISDIR(source.stx_mode) || !S_ISDIR(parent.stx_mode))
        return -ENOTDIR;
    return source.stx_mnt_id == parent.stx_mnt_id ? 0 : -EXDEV;
}

static int clone_by_entry(int source_fd, int target_parent_fd, const char *target_name,
                          const CloneOptions *options, CloneResult *ret, char **reterr_what)
{
    _cleanup_close_ int fd = directory_fd(target_parent_fd, target_name);

    return fd < 0 ? fd : clone_entries(source_fd, fd, options, ret, reterr_what);
}

/* Creates the root of the clone. The clone of a subvolume is a subvolume too, even if its content
 * is copied. */
static int create_root(int source_fd, int target_parent_fd, const char *target_name, bool plain)
{
    if (!plain && is_subvolume(source_fd) && subvolume_create(target_parent_fd, target_name) >= 0)
        return 0;
    return mkdirat(target_parent_fd, target_name, 0700) < 0 ? -errno : 0;
}

int clone_tree(int source_fd, int target_parent_fd, const char *target_name,
               const CloneOptions *options, CloneResult *ret, char **reterr_what)
{
    int r, removed;

    assert(options && ret && reterr_what);
    assert(*target_name && !strchr(target_name, '/'));

    r = check_mount(source_fd, target_parent_fd);
    if (r < 0)
        return r;
    if (!options->plain && is_subvolume(source_fd)) {
        r = clone_by_snapshot(source_fd, target_parent_fd, target_name, options, ret, reterr_what);
        if (r != CLONE_ANOTHER_WAY)
            return r;
    }
    r = create_root(source_fd, target_parent_fd, target_name, options->plain);
    if (r < 0)
        return r;
    r = clone_by_entry(source_fd, target_parent_fd, target_name, options, ret, reterr_what);
    if (r != 0) {
        removed = tree_remove(target_parent_fd, target_name);
        (void)removed; /* the first error is returned, and the removal can be repeated */
    }
    return r;
}
