/* SPDX-License-Identifier: MIT */
/* Opens and makes bases, without trust in any name on the way. */
#include "store/base.h"

#include "basic/directory.h"
#include "basic/durable.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/file.h>
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

char *base_top(const char *base)
{
    const char *name = strrchr(base, '/');
    size_t tail = strlen("/" BASE_DIRECTORY);

    return name && (size_t)(name - base) >= tail
               ? strprintf("%.*s/", (int)((size_t)(name - base) - tail), base)
               : NULL;
}

static int open_top(const char *root, const char *base)
{
    _cleanup_free_ char *top = base_top(base);
    int fd = top ? open_unfollowed(root, top) : -ENOMEM;

    return fd == -ELOOP ? -EPERM : fd;
}

int base_open(const char *root, const char *base)
{
    _cleanup_close_ int top_fd = open_top(root, base), migrate_fd = -1;

    if (top_fd < 0)
        return top_fd;
    migrate_fd = open_own_unlinked(top_fd, BASE_DIRECTORY);
    return migrate_fd < 0 ? migrate_fd : open_own_unlinked(migrate_fd, strrchr(base, '/') + 1);
}

static int set_immutable(int fd, bool immutable)
{
    int flags = 0, wanted;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return -errno;
    wanted = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    return wanted != flags && ioctl(fd, FS_IOC_SETFLAGS, &wanted) < 0 ? -errno : 0;
}

/* Takes the lock of .migrate, which ends with the descriptor. Waits at most hundredths of a second,
 * since a user may hold the lock of a directory that root has made readable. Returns 0, -ESTALE if
 * the directory has lost its name, -EWOULDBLOCK, or another negative errno. */
static int lock_named(int top_fd, int migrate_fd, int hundredths)
{
    struct stat held, seen;

    for (int i = 0; flock(migrate_fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || i >= hundredths)
            return -errno;
        poll(NULL, 0, 10);
    }
    if (fstat(migrate_fd, &held) < 0 ||
        fstatat(top_fd, BASE_DIRECTORY, &seen, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? -ESTALE : -errno;
    return held.st_dev == seen.st_dev && held.st_ino == seen.st_ino ? 0 : -ESTALE;
}

/* Makes .migrate immutable, so that nobody can rename .migrate. -ESTALE: somebody has renamed
 * it. */
static int pin(int top_fd, int migrate_fd)
{
    int r = set_immutable(migrate_fd, true);

    if (r < 0)
        return r == -ENOTTY || r == -EPERM || r == -EINVAL || r == -ENOSYS ? -EOPNOTSUPP : r;
    return lock_named(top_fd, migrate_fd, 0);
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

/* Makes and locks .migrate. Another service on the same mount may remove it until it is locked. */
static int make_locked(int top_fd, const struct stat *top)
{
    for (int i = 0; i < 100; i++) {
        _cleanup_close_ int fd = make_migrate(top_fd, top);
        int r = fd < 0 ? fd : lock_named(top_fd, fd, 1000);

        if (r == 0)
            return TAKE_FD(fd);
        if (r != -ESTALE && r != -ENOENT)
            return r;
    }
    return -ESTALE;
}

int base_make(int top_fd, const char *name, int *ret_lock_fd)
{
    _cleanup_close_ int migrate_fd = -1, fd = -1;
    struct stat st;
    int r;

    if (fstat(top_fd, &st) < 0)
        return -errno;
    migrate_fd = make_locked(top_fd, &st);
    if (migrate_fd < 0)
        return migrate_fd;
    fd = durable_mkdir(migrate_fd, name);
    /* -EPERM: .migrate is immutable, because another service has a base in it. */
    if (fd == -EPERM && set_immutable(migrate_fd, false) == 0)
        fd = durable_mkdir(migrate_fd, name);
    /* Also after an error: .migrate may have been immutable. */
    r = is_roots_alone(&st) ? 0 : pin(top_fd, migrate_fd);
    if (fd < 0 || r < 0)
        return fd < 0 ? fd : r;
    *ret_lock_fd = TAKE_FD(migrate_fd);
    return TAKE_FD(fd);
}

/* --- removing ------------------------------------------------------------------------------ */

/* Removes the empty "backups" of a base. Returns 1 if nothing else is in the base, 0, or a negative
 * errno. */
static int empty_base(int migrate_fd, const char *name)
{
    _cleanup_close_ int fd = open_own(migrate_fd, name);
    _cleanup_strv_ char **left = NULL;
    int r;

    if (fd < 0)
        return fd;
    if (unlinkat(fd, "backups", AT_REMOVEDIR) < 0 && errno != ENOENT && errno != ENOTEMPTY &&
        errno != EEXIST)
        return -errno;
    r = directory_list(fd, ".", "", &left);
    return r < 0 ? r : !left;
}

/* Removes all bases and .migrate, if all bases are empty. While one is not, .migrate stays immutable
 * and keeps the other names, too. Returns 1 if .migrate is gone, 0, or a negative errno. */
static int remove_locked(int top_fd, int migrate_fd)
{
    _cleanup_strv_ char **names = NULL;
    struct stat st;
    int r = directory_list(migrate_fd, ".", "", &names), flags = 0;

    STRV_FOREACH (name, names) {
        if (r < 0)
            return r;
        r = empty_base(migrate_fd, *name);
        if (r == 0)
            return 0;
    }
    if (r < 0 || fstat(top_fd, &st) < 0)
        return r < 0 ? r : -errno;
    r = 0;
    (void)ioctl(migrate_fd, FS_IOC_GETFLAGS, &flags);
    (void)set_immutable(migrate_fd, false); /* if this fails, so does the removal */
    STRV_FOREACH (name, names)
        if (r == 0 && unlinkat(migrate_fd, *name, AT_REMOVEDIR) < 0)
            r = -errno;
    /* mutation: remove-base */
    if (r == 0 && unlinkat(top_fd, BASE_DIRECTORY, AT_REMOVEDIR) < 0)
        r = -errno;
    if (r < 0) {
        (void)set_immutable(migrate_fd, flags & FS_IMMUTABLE_FL);
        return r;
    }
    return futimens(top_fd, (struct timespec[]){st.st_atim, st.st_mtim}) < 0 ? -errno : 1;
}

int base_remove_empty(const char *base)
{
    _cleanup_close_ int path_fd = open_top(NULL, base), top_fd = -1, migrate_fd = -1;
    struct stat st;
    int r;

    if (path_fd >= 0)
        top_fd = directory_fd(path_fd, ".");
    if (path_fd < 0 || top_fd < 0)
        return path_fd == -ENOENT ? 0 : MIN(path_fd, top_fd);
    migrate_fd = open_own_unlinked(top_fd, BASE_DIRECTORY);
    /* A directory that is not root's alone is none of ours: base_make() refuses it. */
    if (migrate_fd == -ENOENT || migrate_fd == -EPERM)
        return 0;
    if (migrate_fd < 0 || fstat(migrate_fd, &st) < 0)
        return migrate_fd < 0 ? migrate_fd : -errno;
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return 0;
    r = lock_named(top_fd, migrate_fd, 100);
    if (r == 0)
        r = remove_locked(top_fd, migrate_fd);
    if (r > 0) /* a removal that a power cut undoes leaves an empty directory for the next verb */
        return fsync(top_fd) < 0 ? -errno : 0;
    return r == -EWOULDBLOCK || r == -ESTALE ? 0 : r;
}
