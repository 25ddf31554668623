/* SPDX-License-Identifier: MIT */
/* Makes detached mounts, from which the sandbox's tree is built: copies of the host's mounts, and
 * new file systems. No process sees a mount until the mount is attached. */
#include "sandbox/internal.h"

#include <fcntl.h>
#include <sys/stat.h>

static int change(int fd, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                  uint64_t propagation)
{
    struct {
        uint64_t set, clear, propagation, userns;
    } attributes = {.set = set, .clear = clear, .propagation = propagation};

    return syscall(SYS_mount_setattr, fd, path, flags, &attributes, sizeof(attributes)) < 0 ? -errno
                                                                                            : 0;
}

int mount_set(int fd, const char *path, unsigned flags, uint64_t set, uint64_t propagation)
{
    return change(fd, path, flags, set, 0, propagation);
}

int mount_allow_execution(int fd)
{
    return change(fd, "", AT_EMPTY_PATH, 0, MOUNT_ATTR_NOEXEC, 0);
}

int mount_take(const Setup *setup, int fd, const char *path, unsigned flags, uint64_t attributes)
{
    int mount_fd = (int)syscall(SYS_open_tree, fd, path, OPEN_TREE_CLONE | O_CLOEXEC | flags);
    int r;

    if (mount_fd < 0)
        return -errno;
    r = mount_set(mount_fd, "", AT_EMPTY_PATH | (flags & AT_RECURSIVE), attributes, MS_PRIVATE);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot set the attributes of a copy of the mount at '%s'", path);
    return mount_fd;
}

int mount_make(const Setup *setup, const char *type, const char *const *options,
               uint64_t attributes)
{
    _cleanup_close_ int fd = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
    int mount_fd;

    if (fd < 0)
        sandbox_fail(setup, errno, "cannot open a file system of type %s", type);
    for (; options && *options; options += 2)
        if (syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, options[0], options[1], 0) < 0)
            sandbox_fail(setup, errno, "cannot set %s=%s of a %s", options[0], options[1], type);
    if (syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        sandbox_fail(setup, errno, "cannot make a file system of type %s", type);
    mount_fd = (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes);
    if (mount_fd < 0)
        sandbox_fail(setup, errno, "cannot make a mount of type %s", type);
    return mount_fd;
}

int mount_make_tmpfs(const Setup *setup, const char *mode, const char *share)
{
    return mount_make(setup, "tmpfs",
                      (const char *const[]){"mode", mode, "size", share, "nr_inodes", "400k",
                                            "source", "sandbox", NULL},
                      NO_TRUST);
}

/* --- mount points ---------------------------------------------------------------------------- */

/* Opens the mount point at path. Makes a missing mount point, which works only in the sandbox's
 * private file systems, since all others are read-only by now. The last component must not be a
 * symbolic link; the caller has checked the components above. */
static int open_place(const Setup *setup, const char *path, bool directory)
{
    int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC | (directory ? O_DIRECTORY : 0);
    _cleanup_free_ char *parent = NULL;
    int fd = open(path, flags);

    if (fd >= 0 || errno != ENOENT)
        return fd >= 0 ? fd : -errno;

    parent = strdup(path);
    if (!parent)
        return -ENOMEM;
    for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(parent, 0755) < 0 && errno != EEXIST)
            return errno == EROFS ? -ENOENT : -errno;
        *slash = '/';
    }
    if (directory) {
        if (mkdir(path, 0755) < 0)
            return errno == EROFS ? -ENOENT : -errno;
    } else {
        _cleanup_close_ int made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (made < 0)
            return errno == EROFS ? -ENOENT : -errno;
    }
    fd = open(path, flags);
    return fd >= 0 ? fd : -errno;
}

void mount_attach(const Setup *setup, int mount_fd, const char *path)
{
    _cleanup_close_ int place = -1;
    struct stat st;

    if (fstat(mount_fd, &st) < 0)
        sandbox_fail(setup, errno, "cannot look at what belongs to '%s'", path);
    place = open_place(setup, path, S_ISDIR(st.st_mode));
    if (place < 0)
        sandbox_fail(setup, -place, "cannot open '%s'", path);
    if (syscall(SYS_move_mount, mount_fd, "", place, "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        sandbox_fail(setup, errno, "cannot mount onto '%s'", path);
}

void mount_seal(const Setup *setup, int mount_fd, const char *path)
{
    int r = mount_set(mount_fd, "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0);

    if (r < 0)
        sandbox_fail(setup, -r, "cannot make '%s' read-only", path);
}
