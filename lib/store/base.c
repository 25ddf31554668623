/* SPDX-License-Identifier: MIT */
/* Opens and makes bases, without trust in any name on the way. */
#include "store/base.h"

#include "basic/directory.h"
#include "basic/durable.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

bool base_is_outside(const char *base, const char *name)
{
    _cleanup_free_ char *tail = strprintf("/" BASE_DIRECTORY "/%s", name);

    return base && tail && base[0] == '/' && endswith(base, tail);
}

static bool is_roots_alone(const struct stat *st)
{
    return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

int open_own(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = directory_fd(dir_fd, name);
    struct stat st;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    return is_roots_alone(&st) ? TAKE_FD(fd) : -EPERM;
}

static int open_own_unlinked(int dir_fd, const char *name)
{
    int fd = open_own(dir_fd, name);

    return fd == -ELOOP || fd == -ENOTDIR ? -EPERM : fd;
}

/* Opens a directory without following links. Nobody can replace a directory that is open. */
static int open_unfollowed(const char *root, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS};
    _cleanup_close_ int root_fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd;

    if (root_fd < 0)
        return -errno;
    /* SYS_openat2 is missing in glibc before 2.32. */
    fd = (int)syscall(__NR_openat2, root_fd, path[1] ? path + 1 : ".", &how, sizeof(how));
    return fd < 0 ? -errno : fd;
}

int base_open(const char *root, const char *base)
{
    const char *name = strrchr(base, '/');
    _cleanup_close_ int top_fd = -1, migrate_fd = -1;
    _cleanup_free_ char *top = NULL;
    size_t length;

    if (!name || (size_t)(name - base) < strlen("/" BASE_DIRECTORY))
        return -EINVAL;
    length = (size_t)(name - base) - strlen("/" BASE_DIRECTORY);
    top = strprintf("%.*s/", (int)length, base);
    if (!top)
        return -ENOMEM;
    top_fd = open_unfollowed(root, top);
    if (top_fd < 0)
        return top_fd == -ELOOP ? -EPERM : top_fd;
    migrate_fd = open_own_unlinked(top_fd, BASE_DIRECTORY);
    return migrate_fd < 0 ? migrate_fd : open_own_unlinked(migrate_fd, name + 1);
}

static int set_immutable(int fd, bool immutable)
{
    int flags = 0, wanted;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return -errno;
    wanted = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    return wanted != flags && ioctl(fd, FS_IOC_SETFLAGS, &wanted) < 0 ? -errno : 0;
}

/* Makes .migrate immutable, so that nobody can rename .migrate. -ESTALE: somebody has renamed
 * it. */
static int pin(int top_fd, int migrate_fd)
{
    struct stat held, seen;
    int r;

    r = set_immutable(migrate_fd, true);
    if (r < 0)
        return r == -ENOTTY || r == -EPERM || r == -EINVAL || r == -ENOSYS ? -EOPNOTSUPP : r;
    if (fstat(migrate_fd, &held) < 0 ||
        fstatat(top_fd, BASE_DIRECTORY, &seen, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? -ESTALE : -errno;
    return held.st_dev == seen.st_dev && held.st_ino == seen.st_ino ? 0 : -ESTALE;
}

/* Makes .migrate, and restores the times of its parent, which may be a directory of the state. */
static int make_migrate(int top_fd, const struct stat *top)
{
    const struct timespec times[] = {top->st_atim, top->st_mtim};
    _cleanup_close_ int fd = -1;
    struct stat st;

    if (fstatat(top_fd, BASE_DIRECTORY, &st, AT_SYMLINK_NOFOLLOW) >= 0)
        return durable_mkdir(top_fd, BASE_DIRECTORY);
    fd = durable_mkdir(top_fd, BASE_DIRECTORY);
    if (fd >= 0 && futimens(top_fd, times) < 0)
        return -errno;
    return TAKE_FD(fd);
}

int base_make(int top_fd, const char *name)
{
    _cleanup_close_ int migrate_fd = -1, fd = -1;
    struct stat st;
    int r;

    if (fstat(top_fd, &st) < 0)
        return -errno;
    migrate_fd = make_migrate(top_fd, &st);
    if (migrate_fd < 0)
        return migrate_fd;
    fd = durable_mkdir(migrate_fd, name);
    /* -EPERM: .migrate is immutable, because another service has a base in it. */
    if (fd == -EPERM && set_immutable(migrate_fd, false) == 0)
        fd = durable_mkdir(migrate_fd, name);
    if (fd < 0)
        return fd;
    if (is_roots_alone(&st))
        return TAKE_FD(fd);
    r = pin(top_fd, migrate_fd);
    return r < 0 ? r : TAKE_FD(fd);
}
