/* SPDX-License-Identifier: MIT */
/* Operations on a place that has been found. */
#include "place/place.h"

#include "basic/directory.h"
#include "store/base.h"

#include <assert.h>
#include <fcntl.h>

void place_close(Place *place)
{
    cleanup_close(&place->parent_fd);
    cleanup_close(&place->fd);
    cleanup_close(&place->base_fd);
    cleanup_close(&place->transaction_fd);
    strv_free(place->exclude);
    free(place->path);
    free(place->name);
    free(place->cover);
    free(place->base);
    free(place->transaction);
    free(place->entry);
    free(place->clone);
    *place = (Place)PLACE_NONE;
}

int place_sync(const Place *place)
{
    int fd = place->method == PLACE_EXCHANGE ? place->parent_fd : place->fd;

    assert(place->transaction_fd >= 0);
    return fsync(fd) < 0 || fsync(place->transaction_fd) < 0 ? -errno : 0;
}

int place_open_clone(const Place *place)
{
    assert(place->clone && place->transaction_fd >= 0);
    return directory_fd(place->transaction_fd, place->clone);
}

int place_keep_clone(const Place *place)
{
    assert(place->clone && place->transaction_fd >= 0);
    if (streq(place->clone, place->entry))
        return 0;
    if (renameat(place->transaction_fd, place->clone, place->transaction_fd, place->entry) < 0)
        return errno == ENOENT ? 0 : -errno;
    return fsync(place->transaction_fd) < 0 ? -errno : 0;
}

bool place_excludes(const Place *place, const char *path)
{
    if (!path_is_within(path, place->path))
        return false;
    path += strlen(place->path);
    path += *path == '/';
    STRV_FOREACH (excluded, place->exclude)
        if (path_is_within(path, *excluded))
            return true;
    return false;
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

bool place_path_is_canonical(const char *path)
{
    if (!path || path[0] != '/')
        return false;
    for (size_t length; *path; path += length) {
        length = strcspn(++path, "/");
        if (length == 0 || (path[0] == '.' && (length == 1 || (length == 2 && path[1] == '.'))))
            return false;
    }
    return true;
}

bool place_base_is_valid(const char *base, const Store *store)
{
    return base && (streq(base, store->path) || base_is_outside(base, store->name));
}

static int record_place(const Place *place, DirectoryRecord *record)
{
    const StringValue strings[] = {{&record->directory, place->directory},
                                   {&record->path, place->path},
                                   {&record->base, place->base},
                                   {&record->entry, place->entry}};
    int r = strv_copy(place->exclude, &record->exclude);

    if (r == 0)
        r = strreplace_all(strings, ELEMENTSOF(strings));
    record->method = place->method;
    record->n_declared = (int64_t)place->n_declared;
    return r;
}

int places_record(const Place *places, size_t n_places, TransactionRecord *record)
{
    int r = 0;

    transaction_record_drop_places(record);
    record->places = calloc(n_places + 1, sizeof(DirectoryRecord));
    if (!record->places)
        return -ENOMEM;
    record->n_places = n_places;
    for (size_t i = 0; r == 0 && i < n_places; i++)
        r = record_place(places + i, record->places + i);
    return r;
}

/* swap-entries.c makes ENTRY.new and other names beside ENTRY. */
bool place_entries_collide(const Place *a, const Place *b)
{
    size_t length = MIN(strlen(a->entry), strlen(b->entry));

    return streq(a->base, b->base) && strncmp(a->entry, b->entry, length) == 0 &&
           (!a->entry[length] || a->entry[length] == '.') &&
           (!b->entry[length] || b->entry[length] == '.');
}

int place_make_directory(const Place *place, uid_t uid, gid_t gid)
{
    _cleanup_close_ int fd = -1;
    mode_t mode = uid == 0 ? 0755 : 0700;

    if (mkdirat(place->parent_fd, place->name, mode) < 0)
        return -errno;
    fd = openat(place->parent_fd, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, mode) < 0 || fchown(fd, uid, gid) < 0 || fsync(fd) < 0)
        return -errno;
    return fsync(place->parent_fd) < 0 ? -errno : 0;
}
