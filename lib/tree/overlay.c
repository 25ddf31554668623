/* SPDX-License-Identifier: MIT */
/* Searches a tree for marks of overlayfs. If a tree has marks of another overlay, a new overlay
 * over the tree would take them for its own. */
#include "tree/tree.h"

#include "tree/inode.h"
#include "tree/walk.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/limits.h>
#include <stdio.h>
#include <sys/xattr.h>

static const char *const prefixes[] = {"trusted.overlay.", "user.overlay."};

static bool is_overlays(const char *names, size_t size)
{
    for (const char *name = names; name < names + size; name += strlen(name) + 1)
        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
            if (startswith(name, prefixes[i]))
                return true;
    return false;
}

/* The path begins at an open descriptor, and llistxattr() does not follow a link at its end. */
static int look_at_attributes(Walk *walk, const Dir *dir, const char *name)
{
    char path[sizeof("/proc/self/fd/") + 3 * sizeof(int) + NAME_MAX + 1], names[XATTR_LIST_MAX + 1];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir->fd, name);
    n = llistxattr(path, names, XATTR_LIST_MAX);
    if (n == -1)
        return errno == ENOTSUP || errno == ENOENT ? 0 : -errno;
    names[n] = '\0';
    if (!is_overlays(names, (size_t)n))
        return 0;
    return walk_blame(walk, dir, *name ? name : NULL, "has attributes of an overlay's layer",
                      OVERLAY_MISREADS);
}

static int look_at_directory(Walk *walk, Dir *dir)
{
    return look_at_attributes(walk, dir, "");
}

static int look_at_entry(Walk *walk, Dir *dir, const char *name, const struct statx *unused)
{
    struct statx st;
    int r = stat_at(dir->fd, name, &st);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (S_ISCHR(st.stx_mode) && st.stx_rdev_major == 0 && st.stx_rdev_minor == 0)
        return walk_blame(walk, dir, name, "is a whiteout of an overlay's layer", OVERLAY_MISREADS);
    /* Overlayfs reads marks only from regular files and directories. */
    return S_ISREG(st.stx_mode) ? look_at_attributes(walk, dir, name) : 0;
}

/* Sets walk->removing only because such a walk enters subvolumes and accepts changes. */
int overlay_misreads(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     char **ret_what)
{
    static const WalkOps ops = {.enter = look_at_directory, .entry = look_at_entry};
    _cleanup_walk_ Walk *walk = walk_new(&ops, cancel, exclude, NULL);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->removing = true;
    r = walk_run(walk, dir_fd);
    if (r == OVERLAY_MISREADS)
        *ret_what = TAKE_PTR(walk->what);
    return r;
}
