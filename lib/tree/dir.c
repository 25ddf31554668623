/* SPDX-License-Identifier: MIT */
/* Represents a directory of the tree: its subdirectories, and its path in messages. */
#include "tree/walk.h"

#include "basic/utf8.h"

#include <fcntl.h>
#include <limits.h>

Dir *dir_new(Dir *parent, const char *name)
{
    Dir *dir = calloc(1, sizeof(Dir) + strlen(name) + 1);

    if (!dir)
        return NULL;
    strcpy(dir->name, name);
    dir->references = 1;
    dir->fd = dir->target_fd = -1;
    if (parent) {
        dir->parent = dir_ref(parent);
        dir->depth = parent->depth + 1;
    }
    return dir;
}

Dir *dir_ref(Dir *dir)
{
    atomic_fetch_add(&dir->references, 1);
    return dir;
}

void dir_unref(Dir *dir)
{
    /* Does not recurse, because a leaf may hold the last reference to thousands of parents. */
    while (dir && atomic_fetch_sub(&dir->references, 1) == 1) {
        Dir *parent = dir->parent;

        cleanup_close(&dir->fd);
        cleanup_close(&dir->target_fd);
        cleanup_string(&dir->subdirs);
        free(dir);
        dir = parent;
    }
}

int dir_remember(Dir *dir, const char *name)
{
    string_append(&dir->subdirs, name);
    string_append(&dir->subdirs, "/");
    return dir->subdirs.failed ? -ENOMEM : 0;
}

const char *dir_next(Dir *dir)
{
    char *name, *end;

    if (dir->subdirs_at == dir->subdirs.length)
        return NULL;
    name = dir->subdirs.text + dir->subdirs_at;
    end = strchr(name, '/');
    *end = '\0';
    dir->subdirs_at = (size_t)(end + 1 - dir->subdirs.text);
    return name;
}

/* Unless hostile is set, opens as many levels in one call as fit into PATH_MAX. */
int dir_open_beneath(const Dir *dir, int root_fd, bool hostile)
{
    _cleanup_free_ const Dir **chain = calloc(dir->depth + 1, sizeof(Dir *));
    _cleanup_close_ int fd = -1;
    unsigned depth = dir->depth;
    char path[PATH_MAX];
    size_t length = 0;

    if (!chain)
        return -ENOMEM;
    for (; dir; dir = dir->parent)
        chain[dir->depth] = dir;
    fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (unsigned i = 1; i <= depth; i++) {
        length += snprintf(path + length, sizeof(path) - length, "%s/", chain[i]->name);
        if (i == depth || hostile || length + NAME_MAX + 2 > sizeof(path)) {
            int next;

            path[--length] = 0; /* a slash at the end would follow a link */
            next = openat(fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (next < 0)
                return -errno;
            close(fd);
            fd = next;
            length = 0;
        }
    }
    return TAKE_FD(fd);
}

char *dir_describe(const Dir *dir, const char *name, const char *problem)
{
    const char *components[32]; /* longer paths lose their beginning */
    _cleanup_string_ String out = {};
    char *text;
    size_t n = 0;

    if (name)
        components[n++] = name;
    for (; dir->parent && n < ELEMENTSOF(components); dir = dir->parent)
        components[n++] = dir->name;

    string_append(&out, dir->parent ? "'…/" : "'");
    if (n == 0)
        string_append(&out, ".");
    while (n > 0) {
        string_append_escaped(&out, components[--n], "'\\");
        if (n > 0)
            string_append(&out, "/");
    }
    string_appendf(&out, "' %s", problem);
    return string_finish(&out, &text) < 0 ? NULL : text;
}
