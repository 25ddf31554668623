/* SPDX-License-Identifier: MIT */
/* Makes and applies frames. A frame does not change until everything has moved, so recovery can
 * read in the frame which entries stay and which attributes directories get. */
#include "transaction/swap-frame.h"

#include "basic/directory.h"
#include "place/private.h"
#include "tree/tree.h"

#include <fcntl.h>

int frame_has(int fd, const char *name)
{
    struct stat st;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    return 1;
}

int frame_directories(int fd, char ***ret)
{
    _cleanup_closedir_ DIR *dir = NULL;
    _cleanup_strv_ char **names = NULL;
    struct dirent *de;
    int r = directory_open(fd, ".", &dir);

    if (r < 0)
        return r;
    while ((r = directory_next(dir, &de)) > 0) {
        struct stat st;

        if (fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return -errno;
        if (S_ISDIR(st.st_mode) && strv_append(&names, de->d_name) < 0)
            return -ENOMEM;
    }
    if (r < 0)
        return r;
    *ret = TAKE_PTR(names);
    return 0;
}

/* For "a/b/c", makes directories a and a/b, and a file c. */
static int add_path(int fd, const char *path)
{
    _cleanup_close_ int at = directory_fd(fd, ".");

    if (at < 0)
        return at;
    for (const char *p = path;;) {
        size_t length = strcspn(p, "/");
        _cleanup_free_ char *component = strndup(p, length);
        int next;

        if (!component)
            return -ENOMEM;
        if (!p[length])
            return mknodat(at, component, S_IFREG | 0600, 0) < 0 ? -errno : 0;
        if (mkdirat(at, component, 0700) < 0 && errno != EEXIST)
            return -errno;
        next = directory_fd(at, component);
        if (next < 0)
            return next;
        close(at);
        at = next;
        p += length + 1;
    }
}

/* Refuses an immutable or append-only directory, since nothing can be moved out of it. */
static int check_flags(int fd, const char *name, char **reterr_what)
{
    struct statx st;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0)
        return -errno;
    if (!(st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)))
        return 0;
    *reterr_what = strprintf("the directory '%s' is immutable or append-only (chattr)", name);
    return *reterr_what ? -EPERM : -ENOMEM;
}

/* Copies the attributes of a directory tree, the deepest directories first, because a change in a
 * directory changes its times. */
static int record_attributes(int fd, int source_fd, const char *name, char **reterr_what)
{
    _cleanup_strv_ char **names = NULL;
    int r = check_flags(source_fd, name, reterr_what);

    if (r == 0)
        r = frame_directories(fd, &names);
    for (char **child = names; r == 0 && child && *child; child++) {
        _cleanup_close_ int own = directory_fd(fd, *child), other = -1;

        other = own < 0 ? own : directory_fd(source_fd, *child);
        r = other < 0 ? other : record_attributes(own, other, *child, reterr_what);
    }
    return r == 0 ? tree_copy_attributes(source_fd, fd) : r;
}

int frame_make(int fd, int source_fd, int original_fd, char *const *exclude, char **reterr_what)
{
    for (; exclude && *exclude; exclude++) {
        int r = place_look_below(original_fd, *exclude);

        if (r > 0)
            r = add_path(fd, *exclude);
        if (r < 0)
            return r;
    }
    return record_attributes(fd, source_fd, ".", reterr_what);
}

static int check_owner(int fd, int target_fd)
{
    struct stat wanted, found;

    if (fstat(fd, &wanted) < 0 || fstat(target_fd, &found) < 0)
        return -errno;
    return found.st_uid == 0 && wanted.st_uid != 0 ? -EPERM : 0;
}

int frame_apply(int fd, int target_fd, bool ours)
{
    _cleanup_strv_ char **names = NULL;
    int r = frame_directories(fd, &names);

    for (char **child = names; r == 0 && child && *child; child++) {
        _cleanup_close_ int own = directory_fd(fd, *child), other = -1;

        other = own < 0 ? own : directory_fd(target_fd, *child);
        r = other < 0 ? other : ours ? 0 : check_owner(own, other);
        if (r == 0)
            r = frame_apply(own, other, ours);
    }
    return r == 0 ? tree_copy_attributes(fd, target_fd) : r;
}
