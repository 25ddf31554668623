/* SPDX-License-Identifier: MIT */
/* Copies single files, and compares copies with originals. */
#include "wayback/keep-file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static int copy_content(int to, int from, off_t size)
{
    for (off_t at = 0; at < size;) {
        ssize_t n = sendfile(to, from, &at, (size_t)(size - at));

        if (n < 0)
            return -errno;
        if (n == 0)
            return -ESTALE;
    }
    return 0;
}

int keep_file(int dir_fd, const char *name, const char *path, uint64_t max, mode_t mode)
{
    _cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), to = -1;
    struct stat st;

    if (from < 0 || fstat(from, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    to = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return -errno;
    if (mode == 0 && fchown(to, st.st_uid, st.st_gid) < 0 &&
        (st.st_uid != geteuid() || st.st_gid != getegid()))
        return -errno;
    /* chmod comes after chown, which clears mode bits. */
    if (fchmod(to, mode ? mode : st.st_mode & 0777) < 0)
        return -errno;
    /* Needs no space on the same file system, if that can share contents. */
    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    if ((uint64_t)st.st_size <= max)
        return copy_content(to, from, st.st_size);
    return unlinkat(dir_fd, name, 0) < 0 ? -errno : -EFBIG;
}

bool keep_file_is_same(int dir_fd, const char *name, const char *path, bool executable)
{
    _cleanup_close_ int a = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    _cleanup_close_ int b = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char left[16384], right[sizeof(left)];
    struct stat st;
    off_t at = 0;
    ssize_t n;

    if (a < 0 || b < 0 || fstat(b, &st) < 0 || !S_ISREG(st.st_mode) ||
        (executable && !(st.st_mode & 0111)))
        return false;
    for (; (n = pread(a, left, sizeof(left), at)) > 0; at += n)
        if (pread(b, right, (size_t)n, at) != n || memcmp(left, right, (size_t)n) != 0)
            return false;
    return n == 0 && pread(b, right, 1, at) == 0;
}

int keep_file_describe(int dir_fd, const char *name, char **ret)
{
    _cleanup_close_ int fd =
        openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    uint64_t hash = HASH_INIT;
    char buffer[16384];
    struct stat st;
    off_t at = 0;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    for (; (n = pread(fd, buffer, sizeof(buffer), at)) > 0; at += n)
        hash = hash_bytes(hash, buffer, (size_t)n);
    if (n < 0)
        return -errno;
    return strreplacef(ret, "%" PRIu64 ":%016" PRIx64, (uint64_t)at, hash);
}
