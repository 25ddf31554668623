/* SPDX-License-Identifier: MIT */
/* Writes records durably, by the rule in durable.h. */
#include "basic/durable.h"

#include <fcntl.h>
#include <sys/stat.h>

static int sync_fd(int fd)
{
    return fsync(fd) < 0 ? -errno : 0;
}

int durable_replace(int dir_fd, const char *name, const void *data, size_t size)
{
    _cleanup_free_ char *temporary = strprintf(".%s.new", name);
    _cleanup_close_ int fd = -1;
    int r;

    if (!temporary)
        return -ENOMEM;
    /* A crash may have left the temporary file. Nobody uses it: the lock allows one writer, and
     * only root can write to the directory. */
    if (unlinkat(dir_fd, temporary, 0) < 0 && errno != ENOENT)
        return -errno;
    fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    r = write_all(fd, data, size);
    if (r == 0) /* mutation: sync-record */
        r = sync_fd(fd);
    if (r == 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(dir_fd, temporary, 0); /* mutation: remove-temporary */
        return r;
    }
    return sync_fd(dir_fd); /* mutation: sync-renamed-record */
}

int durable_unlink(int dir_fd, const char *name)
{
    if (unlinkat(dir_fd, name, 0) < 0)
        return errno == ENOENT ? 0 : -errno;
    return sync_fd(dir_fd); /* mutation: sync-removed-record */
}

int durable_append(int dir_fd, const char *name, const char *line)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    off_t end;
    char last;
    int r;

    if (fd < 0)
        return -errno;
    end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return -errno;
    if (end > 0 && pread(fd, &last, 1, end - 1) != 1)
        return -EIO;
    r = end > 0 && last != '\n' ? write_all(fd, "\n", 1) : 0;
    if (r == 0)
        r = write_all(fd, line, strlen(line));
    if (r < 0) {
        if (ftruncate(fd, end) < 0)
            return r; /* the next append ends the incomplete line */
        return r;
    }
    r = sync_fd(fd); /* mutation: sync-appended-line */
    return r < 0 ? r : sync_fd(dir_fd);
}

int durable_mkdir(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = -1;
    struct stat st;
    bool made;
    int r;

    made = mkdirat(dir_fd, name, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != geteuid() || (st.st_mode & 022))
        return -EPERM;
    if (made) {
        r = sync_fd(dir_fd);
        if (r < 0)
            return r;
    }
    return TAKE_FD(fd);
}
