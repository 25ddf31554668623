/* SPDX-License-Identifier: MIT */
/* Makes and removes links in Nix's directory of garbage collector roots. */
#include "system/gcroot.h"

#include "basic/directory.h"
#include "basic/durable.h"

#include <fcntl.h>

#define NIX_STORE   "/nix/store/"
#define NIX_ROOTS   "/nix/var/nix/gcroots"
#define OWN_ROOTS   "systemd-migrate"
#define HASH_LENGTH 32

/* Returns the length of the store path name at the beginning of text; 0: none. */
static size_t name_length(const char *text)
{
    size_t length = strspn(text, LETTERS DIGITS "+-._?=");

    return length > HASH_LENGTH + 1 && length <= 255 && text[HASH_LENGTH] == '-' &&
                   strspn(text, "0123456789abcdfghijklmnpqrsvwxyz") >= HASH_LENGTH
               ? length
               : 0;
}

int gcroot_find(const char *text, char ***paths)
{
    for (const char *at = text ? strstr(text, NIX_STORE) : NULL; at;
         at = strstr(at + 1, NIX_STORE)) {
        size_t length = name_length(at + strlen(NIX_STORE));
        _cleanup_free_ char *path = length ? strndup(at, strlen(NIX_STORE) + length) : NULL;

        if (length == 0)
            continue;
        if (!path || strv_append_once(paths, path) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Opens the directory with a service's roots. Returns a descriptor or a negative errno. */
static int open_roots(const char *root, const char *name, bool create)
{
    _cleanup_free_ char *path = strprintf("%s" NIX_ROOTS, root ? root : "");
    _cleanup_close_ int fd = -1, own_fd = -1;

    if (!path)
        return -ENOMEM;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (create) {
        own_fd = durable_mkdir(fd, OWN_ROOTS);
        return own_fd < 0 ? own_fd : durable_mkdir(own_fd, name);
    }
    own_fd = directory_fd(fd, OWN_ROOTS);
    return own_fd < 0 ? own_fd : directory_fd(own_fd, name);
}

/* Makes one root. Replaces a wrong link, because a link may be empty after a power cut. */
static int add_one(int fd, const char *path)
{
    const char *name = path + strlen(NIX_STORE);
    char target[512];
    ssize_t n = readlinkat(fd, name, target, sizeof(target));

    if (n == (ssize_t)strlen(path) && memcmp(target, path, (size_t)n) == 0)
        return 0;
    if (unlinkat(fd, name, 0) < 0 && errno != ENOENT)
        return -errno;
    return symlinkat(path, fd, name) < 0 ? -errno : 0;
}

/* A container on a host's store has no collector, and cannot make roots. */
static int ignore_read_only(int r)
{
    return r == -EROFS ? 0 : r;
}

int gcroot_add(const char *root, const char *name, char *const *paths)
{
    _cleanup_close_ int fd = -1;
    int r = 0;

    if (strv_length(paths) == 0)
        return 0;
    fd = open_roots(root, name, true);
    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR ? 0 : ignore_read_only(fd);
    for (; r == 0 && *paths; paths++)
        r = add_one(fd, *paths);
    return r == 0 && fsync(fd) < 0 ? -errno : ignore_read_only(r);
}

int gcroot_keep_only(const char *root, const char *name, char *const *paths)
{
    _cleanup_close_ int fd = open_roots(root, name, false);
    _cleanup_strv_ char **names = NULL;
    int r = fd < 0 ? fd : directory_list(fd, ".", "", &names);

    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
    STRV_FOREACH (link, names) {
        _cleanup_free_ char *path = strprintf(NIX_STORE "%s", *link);

        if (!path)
            return -ENOMEM;
        if (**link != '.' && !strv_contains(paths, path) && unlinkat(fd, *link, 0) < 0)
            return ignore_read_only(-errno);
    }
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

int gcroot_move(const char *root, const char *from, const char *to)
{
    _cleanup_close_ int fd = open_roots(root, from, false);
    _cleanup_strv_ char **names = NULL, **paths = NULL;
    int r = fd < 0 ? fd : directory_list(fd, ".", "", &names);

    STRV_FOREACH (link, names)
        if (r == 0 && name_length(*link) == strlen(*link) && **link != '.')
            r = strv_consume(&paths, strprintf(NIX_STORE "%s", *link));
    if (r == -ENOENT || r == -ENOTDIR)
        return 0;
    if (r == 0)
        r = gcroot_add(root, to, paths);
    return r == 0 ? gcroot_keep_only(root, from, NULL) : r;
}
