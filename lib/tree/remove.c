/* SPDX-License-Identifier: MIT */
/* Removes a tree. If its owner changes the tree meanwhile, the removal starts again. */
#include "tree/tree.h"

#include "basic/mountinfo.h"
#include "tree/inode.h"
#include "tree/subvolumes.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* The number of attempts if the tree changes. */
#define ATTEMPTS 16

/* Searches for mounts before anything is removed: the kernel would silently detach mounts below a
 * subvolume that it destroys. */
static int check_mounts(int fd)
{
    _cleanup_free_ char *text = NULL;
    char path[PATH_MAX], *next;
    Mount mount;
    ssize_t n;
    int r;

    n = readlink(fd_path(fd).path, path, sizeof(path) - 1);
    if (n < 0)
        return -errno;
    path[n] = '\0';
    r = mountinfo_read(&text);
    if (r < 0)
        return r;
    for (next = text; mount_next(&next, &mount);)
        if (path_is_within(mount.point, path) && !streq(mount.point, path))
            return -EBUSY;
    return 0;
}

/* Opens an entry of any mode, only to change its flags or mode. */
static int open_held(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static int release_file(int dir_fd, const char *name)
{
    _cleanup_close_ int held = open_held(dir_fd, name), fd = -1;
    struct statx st;
    int r;

    if (held < 0)
        return held;
    r = stat_at(held, "", &st);
    if (r < 0)
        return r;
    if (!S_ISREG(st.stx_mode))
        return -EPERM;
    /* Opens the inode that was checked: the name could now lead to a device. */
    fd = open(fd_path(held).path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? -errno : unseal_file(fd);
}

/* Adds missing permissions to a directory, unless the caller is root, who needs none. */
static int release_dir(int dir_fd, const char *name, const struct statx *seen)
{
    _cleanup_close_ int held = -1;
    struct statx st;
    int r;

    if (geteuid() == 0 || (seen->stx_mode & 0700) == 0700)
        return 0;
    held = open_held(dir_fd, name);
    if (held < 0)
        return held == -ENOENT ? -ESTALE : held;
    r = stat_at(held, "", &st);
    if (r < 0)
        return r;
    if (!statx_same_inode(&st, seen))
        return -ESTALE;
    return chmod(fd_path(held).path, 0700) < 0 ? -errno : 0;
}

static int remove_file(int dir_fd, const char *name)
{
    int r;

    if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
        return 0;
    r = -errno;
    if (r == -EISDIR)
        return -ESTALE;
    if (r == -EPERM && release_file(dir_fd, name) >= 0)
        r = unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT ? 0 : -errno;
    return r;
}

static int remove_dir(int dir_fd, const char *name)
{
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) >= 0 || errno == ENOENT)
        return 0;
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? -ESTALE : -errno;
}

static int remove_before(Walk *walk, Dir *parent, const char *name, const struct statx *st)
{
    if (!statx_same_device(st, &parent->st) && subvolume_destroy(parent->fd, name) >= 0)
        return WALK_SKIP;
    return release_dir(parent->fd, name, st);
}

static int remove_enter(Walk *walk, Dir *dir)
{
    int r = 0;

    if (dir->st.stx_ino == SUBVOLUME_INO && is_subvolume(dir->fd))
        r = subvolume_set_read_only(dir->fd, false);
    return r == 0 && statx_is_sealed(&dir->st) ? unseal_file(dir->fd) : r;
}

static int remove_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    return remove_file(dir->fd, name);
}

/* remove_tree() removes the root. */
static int remove_leave(Walk *walk, Dir *dir)
{
    return dir->parent ? remove_dir(dir->parent->fd, dir->name) : 0;
}

/* Makes one attempt. Returns -ESTALE if the tree has changed, so that the caller tries again. */
static int remove_tree(Walk *walk, int parent_fd, const char *name)
{
    _cleanup_close_ int fd = -1;
    struct statx parent, st;
    int r;

    r = stat_at(parent_fd, "", &parent);
    if (r >= 0)
        r = stat_at(parent_fd, name, &st);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (parent.stx_mnt_id != st.stx_mnt_id)
        return -EBUSY;
    if (!S_ISDIR(st.stx_mode))
        return remove_file(parent_fd, name);

    r = release_dir(parent_fd, name, &st);
    if (r < 0)
        return r;
    fd = open_quietly(parent_fd, name, O_DIRECTORY);
    if (fd < 0)
        return changed_is_stale(fd);
    r = check_mounts(fd);
    if (r < 0)
        return r;
    if (st.stx_ino == SUBVOLUME_INO && is_subvolume(fd) && subvolume_destroy(parent_fd, name) >= 0)
        return 0;
    r = walk_run(walk, fd);
    return r < 0 ? r : remove_dir(parent_fd, name);
}

int tree_remove(int parent_fd, const char *name)
{
    static const WalkOps ops = {
        .before = remove_before,
        .enter = remove_enter,
        .entry = remove_entry,
        .leave = remove_leave,
    };
    _cleanup_walk_ Walk *walk = walk_new(&ops, NULL, NULL, NULL);
    int r = -ENOMEM;

    assert(*name);

    if (!walk)
        return r;
    walk->removing = true;
    for (int i = 0; i < ATTEMPTS; i++) {
        r = remove_tree(walk, parent_fd, name);
        free(TAKE_PTR(walk->what));
        if (r != -ESTALE)
            break;
    }
    return r;
}
