/* SPDX-License-Identifier: MIT */
/* Opens and locks a store, and handles the marker of a fresh start. */
#include "store/store.h"

#include "basic/canceled.h"
#include "basic/directory.h"
#include "basic/durable.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

static int open_create(const char *path, const char *name)
{
    _cleanup_close_ int parent_fd = -1, above_fd = -1;
    bool made = mkdir(path, 0700) == 0;

    if (!made && errno != EEXIST)
        return -errno;
    parent_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent_fd < 0)
        return -errno;
    /* A new directory is durable only after a sync of its parent. */
    if (made) {
        above_fd = openat(parent_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (above_fd < 0 || fsync(above_fd) < 0)
            return -errno;
    }
    return durable_mkdir(parent_fd, name);
}

/* Opens an existing store. Below another root, does not check the owner of the store. */
static int open_there(const char *root, const char *path)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0)
        return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!root && ((st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & (S_IWGRP | S_IWOTH)))
        return -EPERM;
    return TAKE_FD(fd);
}

int store_open(const char *root, const char *name, bool create, Store *ret)
{
    _cleanup_free_ char *parent = strprintf("%s" STORE_DIRECTORY, root ? root : "");
    _cleanup_store_ Store store = STORE_NONE;
    int r;

    store.name = strdup(name);
    store.path = parent ? strprintf("%s/%s", parent, name) : NULL;
    if (!store.name || !store.path)
        return -ENOMEM;
    store.fd = create ? open_create(parent, name) : open_there(root, store.path);
    r = MIN(store.fd, 0);
    if (r < 0 && r != -ENOENT)
        return r;
    *ret = store;
    store = (Store)STORE_NONE;
    return r;
}

int stores_list(const char *root, char ***ret)
{
    _cleanup_free_ char *path = strprintf("%s" STORE_DIRECTORY "/.", root ? root : "");
    _cleanup_strv_ char **entries = NULL, **names = NULL;
    int r = path ? directory_list(AT_FDCWD, path, "", &entries) : -ENOMEM;

    STRV_FOREACH (entry, entries)
        if (r == 0 && declaration_name_is_valid(*entry))
            r = strv_append(&names, *entry);
    if (r == 0)
        *ret = TAKE_PTR(names);
    return r == -ENOENT ? 0 : r;
}

void store_close(Store *store)
{
    if (store->fd >= 0)
        close(store->fd);
    free(store->name);
    free(store->path);
    *store = (Store)STORE_NONE;
}

int store_lock(const Store *store)
{
    if (flock(store->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 1 : -errno;
    return 0;
}

int store_lock_wait(const Store *store)
{
    int r = store_lock(store);

    for (int i = 0; r == 1 && !canceled && i < 50; i++) {
        poll(NULL, 0, 100);
        r = store_lock(store);
    }
    return r;
}

bool store_has(const Store *store, const char *record)
{
    return store->fd >= 0 && faccessat(store->fd, record, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int record_remove(const Store *store, const char *record)
{
    return durable_unlink(store->fd, record);
}

#define FRESH_PREFIX  "fresh="
#define CLOSED_PREFIX "was-fresh=" /* no gate tests this name */
#define DECLARED_PREFIX "declared="
#define ASKS_PREFIX     "asks="

/* Lists the markers of one kind. There should be at most one. */
static int list_markers(const Store *store, const char *prefix, const char *closed, char ***ret)
{
    _cleanup_strv_ char **entries = NULL, **names = NULL;
    int r = directory_list(store->fd, ".", "", &entries);

    STRV_FOREACH (entry, entries)
        if (r == 0 && (startswith(*entry, prefix) || startswith(*entry, closed)))
            r = strv_append(&names, *entry);
    if (r == 0)
        *ret = TAKE_PTR(names);
    return r;
}

static int fresh_list(const Store *store, char ***ret)
{
    return list_markers(store, FRESH_PREFIX, CLOSED_PREFIX, ret);
}

/* Reads the value of the first marker that list() finds. */
static int read_marker(const Store *store, int (*list)(const Store *, char ***), char **ret)
{
    _cleanup_strv_ char **names = NULL;
    char *value = NULL;
    int r = store->fd < 0 ? 0 : list(store, &names);

    if (r == 0 && names)
        r = strreplace(&value, strchr(names[0], '=') + 1);
    if (r == 0)
        *ret = value;
    return r;
}

int fresh_read(const Store *store, char **ret)
{
    return read_marker(store, fresh_list, ret);
}

int fresh_write(const Store *store, const char *version)
{
    _cleanup_free_ char *name = version ? strprintf(FRESH_PREFIX "%s", version) : NULL;
    _cleanup_strv_ char **names = NULL;
    int r;

    if (version && !name)
        return -ENOMEM;
    r = fresh_list(store, &names); /* mutation: list-markers */
    /* The old marker is removed first: if there is no marker, the gate stays closed until the next
     * attempt. With two markers, software of the new version could start on a state that then
     * counts as the old version. */
    STRV_FOREACH (other, names) {
        if (r == 0 && (!name || !streq(*other, name)))
            r = durable_unlink(store->fd, *other);
    }
    if (r == 0 && name && !strv_contains(names, name))
        r = durable_replace(store->fd, name, "", 0);
    return r;
}

int fresh_close(const Store *store)
{
    _cleanup_strv_ char **names = NULL;
    int r = fresh_list(store, &names);

    STRV_FOREACH (name, names) {
        _cleanup_free_ char *closed = NULL;

        if (r < 0 || !startswith(*name, FRESH_PREFIX))
            continue;
        closed = strprintf(CLOSED_PREFIX "%s", *name + strlen(FRESH_PREFIX));
        if (!closed)
            r = -ENOMEM;
        /* A marker whose name is too long has no valid version, so no gate tests for it. */
        else if ((renameat(store->fd, *name, store->fd, closed) < 0 && errno != ENAMETOOLONG) ||
                 fsync(store->fd) < 0)
            r = -errno;
    }
    return r;
}

static int declared_list(const Store *store, char ***ret)
{
    return list_markers(store, DECLARED_PREFIX, DECLARED_PREFIX, ret);
}

int declared_read(const Store *store, char **ret)
{
    return read_marker(store, declared_list, ret);
}

int declared_write(const Store *store, const char *value)
{
    _cleanup_free_ char *name = strprintf(DECLARED_PREFIX "%s", value);
    _cleanup_strv_ char **names = NULL;
    int r = name ? declared_list(store, &names) : -ENOMEM;

    for (size_t i = 1; r == 0 && i < strv_length(names); i++)
        r = durable_unlink(store->fd, names[i]);
    if (r < 0 || (names && streq(names[0], name)))
        return r;
    if (!names)
        return durable_replace(store->fd, name, "", 0);
    /* One system call, so that a power cut leaves one of the two. */
    if (renameat(store->fd, names[0], store->fd, name) < 0)
        return -errno;
    return fsync(store->fd) < 0 ? -errno : 0;
}

int declared_ask(const Store *store, const char *version)
{
    _cleanup_free_ char *name = strprintf(ASKS_PREFIX "%s", version);

    return name ? durable_replace(store->fd, name, "", 0) : -ENOMEM;
}

int declared_agree(const Store *store, const char *version)
{
    _cleanup_free_ char *name = strprintf(ASKS_PREFIX "%s", version);
    int r = name ? declared_write(store, version) : -ENOMEM;

    /* A full disk must not keep the service down: the marker can be written later. */
    if (r < 0 && r != -ENOSPC && r != -EDQUOT)
        return r;
    return durable_unlink(store->fd, name);
}
