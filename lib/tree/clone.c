/* SPDX-License-Identifier: MIT */
/* Clones directories and single entries. An incomplete clone is removed. */
#include "tree/tree.h"

#include "basic/directory.h"
#include "tree/copy.h"
#include "tree/inode.h"
#include "tree/private.h"
#include "tree/subvolumes.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/xattr.h>

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

static int create_root(int source_fd, int target_parent_fd, const char *target_name, bool plain)
{
    /* The clone of a subvolume is a subvolume too, even if its content is copied. */
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

/* --- for a swap entry by entry ---------------------------------------------------------------- */

/* Removes extended attributes that source does not have. copy_attributes() sets all others. */
static int remove_foreign_xattrs(Scratch *scratch, int source, int target)
{
    ssize_t length = flistxattr(target, scratch->list, sizeof(scratch->list));

    if (length < 0)
        return errno == EOPNOTSUPP ? 0 : -errno;
    for (const char *name = scratch->list; name < scratch->list + length;
         name += strlen(name) + 1) {
        if (streq(name, "security.evm") || fgetxattr(source, name, NULL, 0) >= 0)
            continue;
        if (errno != ENODATA)
            return -errno;
        /* Some security labels cannot be removed. */
        if (fremovexattr(target, name) < 0 && errno != ENODATA && !startswith(name, "security."))
            return -errno;
    }
    return 0;
}

int tree_copy_attributes(int source_fd, int target_fd)
{
    _cleanup_free_ Scratch *scratch = calloc(1, sizeof(Scratch));
    struct statx st;
    int r;

    if (!scratch)
        return -ENOMEM;
    r = stat_at(source_fd, "", &st);
    if (r == 0)
        r = remove_foreign_xattrs(scratch, source_fd, target_fd);
    return r == 0 ? copy_attributes(scratch, source_fd, target_fd, &st, 0, NULL, 0) : r;
}

static int copy_other(int source_fd, int target_fd, const char *name, const struct statx *st,
                      const volatile sig_atomic_t *cancel)
{
    _cleanup_free_ Scratch *scratch = calloc(1, sizeof(Scratch));
    Copy copy = {.cancel = cancel, .limit = UINT64_MAX};

    if (!scratch)
        return -ENOMEM;
    scratch->copy = &copy;
    return S_ISREG(st->stx_mode) ? copy_file(scratch, source_fd, target_fd, name, st, 0)
                                 : copy_special(scratch, source_fd, target_fd, name, st);
}

int tree_copy_entry(int source_fd, int target_fd, const char *name,
                    const volatile sig_atomic_t *cancel, char **reterr_what)
{
    _cleanup_close_ int fd = -1;
    CloneResult result;
    struct statx st;
    int r;

    r = stat_at(source_fd, name, &st);
    if (r < 0)
        return r;
    if (!S_ISDIR(st.stx_mode))
        return copy_other(source_fd, target_fd, name, &st, cancel);
    fd = open_quietly(source_fd, name, O_DIRECTORY);
    if (fd < 0)
        return fd;
    return clone_tree(fd, target_fd, name,
                      &(CloneOptions){.cancel = cancel, .copy_limit = UINT64_MAX}, &result,
                      reterr_what);
}
