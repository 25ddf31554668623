/* SPDX-License-Identifier: MIT */
/* Copies the attributes of one directory, or one entry. */
#include "tree/entry.h"

#include "tree/clone.h"
#include "tree/copy.h"
#include "tree/inode.h"

#include <fcntl.h>
#include <sys/xattr.h>

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
        /* Some labels of the kernel cannot be removed. */
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
