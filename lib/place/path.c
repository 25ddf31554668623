/* SPDX-License-Identifier: MIT */
/* Symbolic links on the way to a state, as systemd makes one for DynamicUser=. Whoever could turn
 * one of them elsewhere would have root exchange a directory of his choice. */
#include "place/private.h"

#include <fcntl.h>
#include <limits.h>

#define LINKS_MAX 8

/* What a look at one component has found. */
typedef enum Component {
    COMPONENT_DIRECTORY,
    COMPONENT_LINK,
    COMPONENT_END,
    COMPONENT_REFUSED,
} Component;

/* Appends to real, which has no links, one component: ".." can be taken at its word. */
static int append(char **real, const char *component, size_t length)
{
    if (length == 0 || (length == 1 && component[0] == '.'))
        return 0;
    if (length == 2 && component[0] == '.' && component[1] == '.') {
        char *slash = strrchr(*real, '/');

        if (slash)
            *slash = '\0';
        return 0;
    }
    return strreplacef(real, "%s/%.*s", *real, (int)length, component);
}

/* "/a/../b//c" without what can be left out; prefix is "" or without links. */
static int normalize(const char *prefix, const char *target, const char *rest, char **ret)
{
    _cleanup_free_ char *real = strdup(target[0] == '/' ? "" : prefix);
    const char *parts[] = {target, rest};

    if (!real)
        return -ENOMEM;
    for (size_t i = 0; i < ELEMENTSOF(parts); i++)
        for (const char *p = parts[i]; *p; p += strspn(p, "/")) {
            size_t length = strcspn(p, "/");
            int r = append(&real, p, length);

            if (r < 0)
                return r;
            p += length;
        }
    *ret = TAKE_PTR(real);
    return 0;
}

/* Looks at the component of length bytes at p of path, in *fd, and steps into it if it is a
 * directory. Of a link, ret_target is what it says. A Component or a negative errno. */
static int look(int *fd, const char *path, const char *p, size_t length, char **ret_target,
                char **reterr_what)
{
    _cleanup_free_ char *component = strndup(p, length);
    char target[PATH_MAX];
    struct stat parent, st;
    ssize_t n;
    int next;

    if (!component)
        return -ENOMEM;
    if (fstatat(*fd, component, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? COMPONENT_END : -errno;
    if (S_ISDIR(st.st_mode)) {
        next = openat(*fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            return -errno;
        close(*fd);
        *fd = next;
        return COMPONENT_DIRECTORY;
    }
    if (!S_ISLNK(st.st_mode))
        return COMPONENT_END;
    if (fstat(*fd, &parent) < 0)
        return -errno;
    if (others_can_write(&parent) || st.st_uid != 0) {
        *reterr_what =
            strprintf("users other than root can change where the symbolic link '%.*s' leads. "
                      "Declare the path that it leads to",
                      (int)(p + length - path), path);
        return *reterr_what ? COMPONENT_REFUSED : -ENOMEM;
    }
    n = readlinkat(*fd, component, target, sizeof(target) - 1);
    if (n < 0)
        return -errno;
    target[n] = '\0';
    *ret_target = strdup(target);
    return *ret_target ? COMPONENT_LINK : -ENOMEM;
}

/* Replaces the first link of the path: COMPONENT_LINK. COMPONENT_END if there is none,
 * COMPONENT_REFUSED, or a negative errno. */
static int replace_link(char **path, char **reterr_what)
{
    _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    for (char *p = *path + strspn(*path, "/"); *p; p += strspn(p, "/")) {
        size_t length = strcspn(p, "/");
        _cleanup_free_ char *target = NULL, *prefix = NULL, *next = NULL;
        int component = look(&fd, *path, p, length, &target, reterr_what), r;

        if (component == COMPONENT_DIRECTORY) {
            p += length;
            continue;
        }
        if (component != COMPONENT_LINK)
            return component;
        prefix = strndup(*path, (size_t)(p - 1 - *path));
        r = prefix ? normalize(prefix, target, p + length, &next) : -ENOMEM;
        if (r < 0)
            return r;
        free(*path);
        *path = TAKE_PTR(next);
        return COMPONENT_LINK;
    }
    return COMPONENT_END;
}

int place_resolve(const char *path, char **ret, char **reterr_what)
{
    _cleanup_free_ char *real = strdup(path);

    if (!real)
        return -ENOMEM;
    for (int links = 0; links <= LINKS_MAX; links++) {
        int component = replace_link(&real, reterr_what);

        if (component < 0)
            return component;
        if (component == COMPONENT_REFUSED)
            return PLACE_REFUSED;
        if (component == COMPONENT_LINK)
            continue;
        if (!*real)
            return place_refuse(
                reterr_what,
                strprintf("'%s' leads to /, which cannot be a state: declare a directory below it",
                          path));
        *ret = TAKE_PTR(real);
        return PLACE_FOUND;
    }
    return place_refuse(reterr_what, strprintf("there are more than %d symbolic links on the way "
                                               "to '%s': declare the path that they lead to",
                                               LINKS_MAX, path));
}
