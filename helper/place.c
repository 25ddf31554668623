/* SPDX-License-Identifier: MIT */
/* Finding directories and making places. Never looks inside a directory of the state. */
#include "place.h"

#include "durable.h"
#include "stage.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U
#endif

/* Of which file systems is known that directories cannot be exchanged, or that a look-up can hang.
 * PLACE_FOUND, PLACE_REFUSED with *ret_what saying what this is, or a negative errno. */
static int check_file_system(int fd, const char **ret_what)
{
    static const struct {
        unsigned magic;
        const char *what;
    } refused[] = {
        {0x794c7630, "an overlay file system, whose directories cannot be exchanged"},
        {NFS_SUPER_MAGIC, "a network file system (NFS)"},
        {0xff534d42, "a network file system (CIFS)"},
        {0xfe534d42, "a network file system (SMB)"},
        {0x65735546, "a FUSE file system"},
        {0x01021997, "a network file system (9p)"},
        {0x00c36400, "a network file system (Ceph)"},
        {PROC_SUPER_MAGIC, "procfs"},
        {SYSFS_MAGIC, "sysfs"},
        {0x4d44, "a FAT file system, which keeps neither owners nor attributes"},
    };
    struct statfs sfs;

    if (fstatfs(fd, &sfs) < 0)
        return -errno;
    for (size_t i = 0; i < ELEMENTSOF(refused); i++)
        if ((unsigned)sfs.f_type == refused[i].magic) {
            *ret_what = refused[i].what;
            return PLACE_REFUSED;
        }
    return PLACE_FOUND;
}

/* The mount and the device (a btrfs subvolume has its own): rename(2) works between directories
 * that have both in common. */
typedef struct Location {
    uint64_t mount;
    dev_t device;
} Location;

/* The raw structure, as struct statx has no stx_mnt_id in older headers: it is the 64-bit word
 * behind stx_dev_minor, statx(2). */
static int location_get(int fd, Location *ret, struct stat *ret_st)
{
    struct statx sx = {};
    struct stat st;
    size_t offset = offsetof(struct statx, stx_dev_minor) + sizeof(sx.stx_dev_minor);

    if (fstat(fd, &st) < 0)
        return -errno;
    if (statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &sx) < 0)
        return -errno;
    memcpy(&ret->mount, (char *)&sx + offset, sizeof(ret->mount));
    ret->device = st.st_dev;
    if (ret_st)
        *ret_st = st;
    return 0;
}

static bool location_equal(const Location *a, const Location *b)
{
    return a->mount == b->mount && a->device == b->device;
}

static int refuse(char **reterr_what, char *what)
{
    *reterr_what = what;
    return what ? PLACE_REFUSED : -ENOMEM;
}

/* An ancestor in which others than root can rename things: whatever is checked there may be
 * something else a moment later. The group's bits are an ACL's mask where there is one. */
static bool others_can_write(const struct stat *st)
{
    return st->st_uid != 0 || (st->st_mode & (S_IWOTH | S_IWGRP));
}

/* Walks from the root to the directory, one component at a time. Leaves in *place the parent and
 * the directory, and in mount_length how much of the path is the topmost ancestor on the parent's
 * mount. */
static int walk(Place *place, Location *ret_parent, size_t *ret_top_length, char **reterr_what)
{
    const char *path = place->directory, *p = path;
    _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    Location location = {}, top = {};
    size_t top_length = 0;
    struct stat st;
    int r;

    if (fd < 0)
        return -errno;
    for (;;) {
        size_t length = strcspn(++p, "/");
        _cleanup_free_ char *component = strndup(p, length);
        Location next_location;
        bool last = !p[length];
        int next;

        if (!component)
            return -ENOMEM;
        r = location_get(fd, &location, &st);
        if (r < 0)
            return r;
        if (others_can_write(&st))
            return refuse(
                reterr_what,
                strprintf(
                    "'%.*s' can be written by others than root, who could exchange what lies in "
                    "it: declare Directory=%.*s instead",
                    (int)MAX(p - path - 1, 1), path, (int)MAX(p - path - 1, 1), path));
        if (p == path + 1 || !location_equal(&location, &top)) {
            top = location;
            top_length = (size_t)(p - path - 1);
        }
        next = openat(fd, component,
                      (last ? O_RDONLY : O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && (errno == ELOOP || errno == ENOTDIR)) {
            bool link =
                fstatat(fd, component, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);

            return refuse(
                reterr_what,
                strprintf(link ? "'%.*s' is a symbolic link: declare the path that it leads to"
                               : "'%.*s' is not a directory",
                          (int)(p + length - path), path));
        }
        if (next < 0 && !(errno == ENOENT && last))
            return -errno;
        if (last) {
            /* Not O_PATH as on the way: it will be fsynced. */
            place->parent_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (place->parent_fd < 0) {
                cleanup_close(&next);
                return -errno;
            }
            place->name = TAKE_PTR(component);
            place->fd = next;
            *ret_parent = location;
            *ret_top_length = top_length;
            if (next < 0)
                return PLACE_FOUND;
            r = location_get(next, &next_location, NULL);
            if (r < 0)
                return r;
            if (next_location.mount != location.mount)
                return refuse(reterr_what,
                              strprintf("'%s' is a mount point, which cannot be exchanged: "
                                        "declare a directory below it",
                                        path));
            return PLACE_FOUND;
        }
        close(fd);
        fd = next;
        p += length;
    }
}

int place_find(const char *directory, const char *store_path, const char *name, Place *ret,
               char **reterr_what)
{
    _cleanup_(place_close) Place place = PLACE_NONE;
    _cleanup_close_ int store_fd = -1;
    Location parent, store = {};
    const char *refused;
    size_t top_length;
    int r;

    place.directory = directory;
    r = walk(&place, &parent, &top_length, reterr_what);
    if (r != PLACE_FOUND)
        return r;
    r = check_file_system(place.fd >= 0 ? place.fd : place.parent_fd, &refused);
    if (r < 0)
        return r;
    if (r == PLACE_REFUSED)
        return refuse(reterr_what, strprintf("'%s' lies on %s: not supported by this release",
                                             directory, refused));
    store_fd = open(store_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (store_fd < 0 && errno != ENOENT)
        return -errno;
    if (store_fd >= 0) {
        r = location_get(store_fd, &store, NULL);
        if (r < 0)
            return r;
    }
    place.base = store_fd >= 0 && location_equal(&store, &parent)
                     ? strdup(store_path)
                     : strprintf("%.*s/.migrate/%s", (int)top_length, directory, name);
    place.entry = strdup(place.name);
    if (!place.base || !place.entry)
        return -ENOMEM;
    *ret = place;
    place = (Place)PLACE_NONE;
    return PLACE_FOUND;
}

/* Opens base, one of root's own directories below a path that was walked before. */
static int open_base(Place *place, bool create)
{
    char *migrate = strstr(place->base, "/.migrate/");
    _cleanup_free_ char *top = NULL;
    _cleanup_close_ int top_fd = -1, migrate_fd = -1;

    if (place->base_fd >= 0)
        return 0;
    if (!create || !migrate)
        place->base_fd = open(place->base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    else {
        top = strprintf("%.*s/", (int)(migrate - place->base), place->base);
        if (!top)
            return -ENOMEM;
        top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (top_fd < 0)
            return -errno;
        migrate_fd = durable_mkdir(top_fd, ".migrate");
        if (migrate_fd < 0)
            return migrate_fd;
        place->base_fd = durable_mkdir(migrate_fd, migrate + strlen("/.migrate/"));
        return place->base_fd < 0 ? place->base_fd : 0;
    }
    return place->base_fd < 0 ? -errno : 0;
}

static char *probe_name(const char *id)
{
    return strprintf(".migrate-probe-%s", id);
}

int place_clean_probe(const Place *place, const char *id)
{
    _cleanup_free_ char *name = probe_name(id);

    if (!name)
        return -ENOMEM;
    if (unlinkat(place->parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

/* Some kernels and file systems only say so when asked. */
static int probe_exchange(Place *place, const char *id)
{
    _cleanup_free_ char *name = probe_name(id);
    int r = 0;

    if (!name)
        return -ENOMEM;
    if (mkdirat(place->parent_fd, name, 0700) < 0 ||
        mkdirat(place->transaction_fd, name, 0700) < 0 ||
        renameat2(place->parent_fd, name, place->transaction_fd, name, RENAME_EXCHANGE) < 0)
        r = -errno;
    /* One that stays would lie in the backup for good. */
    if (unlinkat(place->parent_fd, name, AT_REMOVEDIR) < 0 && r == 0)
        r = -errno;
    if (unlinkat(place->transaction_fd, name, AT_REMOVEDIR) < 0 && r == 0)
        r = -errno;
    return r;
}

int place_prepare(Place *place, const char *id, bool create, char **reterr_what)
{
    _cleanup_close_ int backups_fd = -1;
    int r;

    r = open_base(place, create);
    if (r < 0)
        goto fail;
    if (create)
        backups_fd = durable_mkdir(place->base_fd, "backups");
    else {
        backups_fd =
            openat(place->base_fd, "backups", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        backups_fd = backups_fd < 0 ? -errno : backups_fd;
    }
    if (backups_fd < 0) {
        r = backups_fd;
        goto fail;
    }
    free(place->transaction);
    place->transaction = strprintf("%s/backups/%s", place->base, id);
    if (!place->transaction)
        return -ENOMEM;
    if (create)
        place->transaction_fd = durable_mkdir(backups_fd, id);
    else {
        place->transaction_fd =
            openat(backups_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        place->transaction_fd = place->transaction_fd < 0 ? -errno : place->transaction_fd;
    }
    if (place->transaction_fd < 0) {
        r = place->transaction_fd;
        place->transaction_fd = -1;
        goto fail;
    }
    if (!create)
        return 0;
    r = probe_exchange(place, id);
    if (r < 0) {
        *reterr_what =
            strprintf("directories cannot be exchanged between '%s' and the parent of '%s': %s",
                      place->transaction, place->directory, strerror(-r));
        return *reterr_what ? r : -ENOMEM;
    }
    return 0;

fail:
    if (reterr_what && r != -ENOENT)
        *reterr_what = strprintf(
            "'%s': %s", place->base,
            r == -EPERM ? "belongs to others than root, or can be written by them" : strerror(-r));
    return r;
}

int place_discard(Place *place, const char *id)
{
    _cleanup_close_ int backups_fd = -1;
    int r;

    r = place_clean_probe(place, id);
    if (r < 0)
        return r;
    r = open_base(place, false);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    backups_fd = openat(place->base_fd, "backups", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (backups_fd < 0)
        return errno == ENOENT ? 0 : -errno;
    return stage_remove(backups_fd, id);
}

void place_close(Place *place)
{
    cleanup_close(&place->parent_fd);
    cleanup_close(&place->fd);
    cleanup_close(&place->base_fd);
    cleanup_close(&place->transaction_fd);
    free(place->name);
    free(place->base);
    free(place->transaction);
    free(place->entry);
    *place = (Place)PLACE_NONE;
}

int place_sync(const Place *place)
{
    return fsync(place->parent_fd) < 0 || fsync(place->transaction_fd) < 0 ? -errno : 0;
}

int place_missing(const char *path, char **reterr_what)
{
    *reterr_what = strprintf("'%s' is missing: is a disk not mounted?", path);
    return -ENOENT;
}

bool place_name_is_valid(const char *name)
{
    return !isempty(name) && !streq(name, ".") && !streq(name, "..") && !strchr(name, '/');
}

bool place_base_is_valid(const char *base, const Store *store)
{
    _cleanup_free_ char *tail = strprintf("/.migrate/%s", store->name);

    return base && tail && base[0] == '/' && (streq(base, store->path) || endswith(base, tail));
}
