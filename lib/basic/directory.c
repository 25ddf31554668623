/* SPDX-License-Identifier: MIT */
/* Reads one directory. Does not recurse. */
#include "basic/directory.h"

#include <fcntl.h>

int directory_fd(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int directory_take(int fd, DIR **ret)
{
    DIR *dir;
    int r;

    if (fd < 0)
        return fd;
    dir = fdopendir(fd);
    if (!dir) {
        r = -errno;
        close(fd);
        return r;
    }
    *ret = dir;
    return 0;
}

int directory_open(int dir_fd, const char *path, DIR **ret)
{
    return directory_take(directory_fd(dir_fd, path), ret);
}

int directory_next(DIR *dir, struct dirent **ret)
{
    struct dirent *de;

    do {
        errno = 0;
        de = readdir(dir);
    } while (de && (streq(de->d_name, ".") || streq(de->d_name, "..")));
    *ret = de;
    return de ? 1 : -errno;
}

int directory_list(int dir_fd, const char *path, const char *prefix, char ***ret)
{
    _cleanup_closedir_ DIR *dir = NULL;
    _cleanup_strv_ char **names = NULL;
    struct dirent *de;
    int r = directory_open(dir_fd, path, &dir);

    if (r < 0)
        return r;
    while ((r = directory_next(dir, &de)) > 0)
        if (startswith(de->d_name, prefix) && strv_append(&names, de->d_name) < 0)
            return -ENOMEM;
    if (r < 0)
        return r;
    strv_sort(names);
    *ret = TAKE_PTR(names);
    return 0;
}
