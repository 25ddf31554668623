/* SPDX-License-Identifier: MIT */
/* Follows a path link by link, and checks who could make the path lead elsewhere. */
#include "place/private.h"

#include <fcntl.h>
#include <limits.h>

#define STATE_LINKS_MAX 8
#define LINKS_MAX       40 /* the limit of the kernel */

/* The result of a look at one component. */
typedef enum Component {
    COMPONENT_DIRECTORY,
    COMPONENT_LINK,
    COMPONENT_END,
    COMPONENT_REFUSED,
} Component;

typedef struct Look {
    const char *path;
    const Guard *guard; /* NULL: the path leads to a state, and only its links are checked */
    int fd;             /* the directory that contains the next component */
    struct stat st;     /* attributes of fd */
    bool loose;         /* users other than root can exchange a component that was passed */
} Look;

static bool is_trusted(const Look *look, const struct stat *st)
{
    return st->st_uid == 0 ||
           st->st_uid == (S_ISREG(st->st_mode) ? look->guard->owner : look->guard->user);
}

/* Could other users exchange the entry, or write to the file? In a sticky directory only the owner
 * can exchange an entry, but everybody can create a missing one. */
static int guard(const Look *look, const struct stat *entry, const char *p, size_t length,
                 char **reterr_what)
{
    const struct stat *bad = NULL;
    bool shared = look->st.st_mode & (S_IWGRP | S_IWOTH),
         sticky = look->st.st_mode & S_ISVTX && entry &&
                  (entry->st_uid == 0 || entry->st_uid == look->guard->user);
    int at = (int)(MAX(p - look->path - 1, 1));

    if (!is_trusted(look, &look->st) || (shared && !sticky))
        bad = &look->st;
    else if (entry && look->guard->content && S_ISREG(entry->st_mode) &&
             (!is_trusted(look, entry) || entry->st_mode & (S_IWGRP | S_IWOTH))) {
        bad = entry;
        at = (int)(p + length - look->path);
    }
    if (!bad)
        return COMPONENT_END;
    return is_trusted(look, bad)
               ? because(COMPONENT_REFUSED, reterr_what,
                         "'%.*s' can be written by others, who do not have the rights of the "
                         "command",
                         at, look->path)
               : because(COMPONENT_REFUSED, reterr_what,
                         "'%.*s' belongs to uid %u, who does not have the rights of the command",
                         at, look->path, (unsigned)bad->st_uid);
}

static int enter(Look *look, const char *component)
{
    int next = openat(look->fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (next < 0)
        return -errno;
    close(look->fd);
    look->fd = next;
    if (fstat(next, &look->st) < 0)
        return -errno;
    look->loose = look->loose || others_can_write(&look->st);
    return COMPONENT_DIRECTORY;
}

/* Looks at the component of length bytes at p, and enters it if it is a directory. *ret_target is
 * the target of a link. Returns a Component or a negative errno. */
static int look_at(Look *look, const char *p, size_t length, char **ret_target, char **reterr_what)
{
    _cleanup_free_ char *component = strndup(p, length);
    char target[PATH_MAX];
    struct stat st;
    bool found;
    ssize_t n;
    int r = COMPONENT_END;

    if (!component)
        return -ENOMEM;
    found = fstatat(look->fd, component, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!found && errno != ENOENT)
        return -errno;
    if (look->guard)
        r = guard(look, found ? &st : NULL, p, length, reterr_what);
    if (r != COMPONENT_END || !found)
        return r;
    if (S_ISDIR(st.st_mode))
        return enter(look, component);
    if (!S_ISLNK(st.st_mode))
        return COMPONENT_END;
    if (!look->guard && (look->loose || st.st_uid != 0))
        return because(COMPONENT_REFUSED, reterr_what,
                       "users other than root can change where the symbolic link '%.*s' leads. "
                       "Declare the path that it leads to",
                       (int)(p + length - look->path), look->path);
    n = readlinkat(look->fd, component, target, sizeof(target) - 1);
    if (n < 0)
        return -errno;
    target[n] = '\0';
    *ret_target = strdup(target);
    return *ret_target ? COMPONENT_LINK : -ENOMEM;
}

/* Removes the empty, "." or ".." component at *p from the path; the path before *p has only
 * directories. *p then points to the next component. Returns 0 or a negative errno. */
static int go_back(Look *look, char *path, char **p, size_t length)
{
    char *rest = *p + length + ((*p)[length] == '/'), *to = *p;

    if (length == 2)
        for (to = MAX(*p - 1, path + 1); to[-1] != '/'; to--)
            ;
    memmove(to, rest, strlen(rest) + 1);
    *p = to;
    return length == 2 ? MIN(enter(look, ".."), 0) : 0;
}

static bool leads_back(const char *p, size_t length)
{
    return length == 0 || (length <= 2 && strncmp(p, "..", length) == 0);
}

/* Replaces the first link of the path. Returns COMPONENT_LINK, COMPONENT_END if there is no link,
 * COMPONENT_REFUSED, or a negative errno. */
static int replace_link(Look *look, char **path, char **reterr_what)
{
    for (char *p = *path + 1; *p;) {
        size_t length = strcspn(p, "/");
        _cleanup_free_ char *target = NULL;
        int r;

        if (leads_back(p, length)) {
            r = go_back(look, *path, &p, length);
            if (r < 0)
                return r;
            continue;
        }
        r = look_at(look, p, length, &target, reterr_what);
        if (r == COMPONENT_LINK)
            return strreplacef(path, "%.*s%s%s", target[0] == '/' ? 0 : (int)(p - *path), *path,
                               target, p + length) < 0
                       ? -ENOMEM
                       : r;
        if (r != COMPONENT_DIRECTORY)
            return r;
        p += length + (p[length] == '/');
    }
    return COMPONENT_END;
}

/* Replaces the first link of the path; starts at the root directory. */
static int replace_link_of(char **path, const Guard *guard, char **reterr_what)
{
    Look look = {.path = *path, .guard = guard};
    int r;

    look.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (look.fd < 0)
        return -errno;
    r = fstat(look.fd, &look.st) < 0 ? -errno : 0;
    look.loose = r == 0 && others_can_write(&look.st);
    if (r == 0)
        r = replace_link(&look, path, reterr_what);
    close(look.fd);
    return r;
}

int place_resolve(const char *path, const Guard *guard, char **ret, char **reterr_what)
{
    _cleanup_free_ char *real = strdup(path);
    int max = guard ? LINKS_MAX : STATE_LINKS_MAX;

    if (!real)
        return -ENOMEM;
    for (int links = 0; links <= max; links++) {
        int component = replace_link_of(&real, guard, reterr_what);

        if (component < 0)
            return component;
        if (component == COMPONENT_REFUSED)
            return PLACE_REFUSED;
        if (component == COMPONENT_LINK)
            continue;
        for (size_t n = strlen(real); n > 1 && real[n - 1] == '/'; n--)
            real[n - 1] = '\0';
        if (!real[1] && !guard)
            return because(PLACE_REFUSED, reterr_what,
                           "'%s' leads to /, which cannot be a state: declare a directory below it",
                           path);
        *ret = TAKE_PTR(real);
        return PLACE_FOUND;
    }
    return because(PLACE_REFUSED, reterr_what,
                   "there are more than %d symbolic links on the way to '%s': declare the path "
                   "that they lead to",
                   max, path);
}
