/* SPDX-License-Identifier: MIT */
/* Bringing a backup to where a swap expects the clone, and taking it back. Everything here can be
 * repeated. */
#include "restore/private.h"
#include "tree/stage.h"
#include "transaction/swap.h"

#include <fcntl.h>
#include <stdio.h>

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* --- a place ------------------------------------------------------------------------------- */

/* BASE/backups/ID, or a negative errno. */
static int open_own(const Flight *flight, const Place *place, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, flight->store, place->base);
    int own_fd = fd < 0 ? -1 : openat(fd, id, DIRECTORY_FLAGS);

    return fd < 0 ? fd : own_fd < 0 ? -errno : own_fd;
}

/* Where entries are exchanged, names tell how far it is, swap-entries.c. */
static char *entry_name(const Place *place, const char *suffix)
{
    return strprintf("%s%s", place->entry, suffix);
}

/* Renames, where it is not done. Nothing is replaced but an empty directory, and network file
 * systems know no other call. */
static int rename_within(int fd, const char *from, const char *to)
{
    if (renameat(fd, from, fd, to) < 0 && errno != ENOENT)
        return -errno;
    return fsync(fd) < 0 ? -errno : 0;
}

static int mark_tree(const Flight *flight, const Place *place, int own_fd)
{
    _cleanup_close_ int fd = openat(own_fd, place->entry, DIRECTORY_FLAGS);
    int r = fd < 0 ? -errno : swap_mark(fd, flight->id);

    return r == 0 && syncfs(fd) < 0 ? -errno : r;
}

/* While what it lies in still has its own name: what has the new one is told, wherever a crash
 * comes. */
static int mark(const Flight *flight, const Place *place, const char *backup)
{
    _cleanup_close_ int own_fd = open_own(flight, place, backup);
    _cleanup_free_ char *clone = NULL;

    if (own_fd < 0)
        return own_fd;
    if (place->method == PLACE_EXCHANGE)
        return mark_tree(flight, place, own_fd);
    clone = entry_name(place, ".new");
    return clone ? rename_within(own_fd, place->entry, clone) : -ENOMEM;
}

/* Of a swap that had nothing moved yet. A backup has none of it. */
static int remove_scrap(const Place *place, int own_fd)
{
    static const char *const suffixes[] = {".frame", ".tmp"};
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(suffixes); i++) {
        _cleanup_free_ char *name = entry_name(place, suffixes[i]);

        r = name ? stage_remove(own_fd, name) : -ENOMEM;
    }
    return r;
}

static int unmark(const Flight *flight, const Place *place, const char *backup)
{
    _cleanup_close_ int own_fd = -1;
    _cleanup_free_ char *clone = NULL;
    int r;

    if (place->method == PLACE_EXCHANGE)
        return 0; /* a mark of nobody's does no harm */
    own_fd = open_own(flight, place, backup);
    if (own_fd < 0)
        return own_fd;
    clone = entry_name(place, ".new");
    if (!clone)
        return -ENOMEM;
    r = remove_scrap(place, own_fd); /* mutation: remove-remains */
    return r == 0 ? rename_within(own_fd, clone, place->entry) : r; /* mutation: rename-restored */
}

/* --- all of them --------------------------------------------------------------------------- */

/* Renames BASE/backups/FROM to TO, where it is not done. 0 or a negative errno. */
static int move_in(const Store *store, const char *base, const char *from, const char *to)
{
    _cleanup_close_ int fd = backup_open_base(NULL, store, base);

    if (fd < 0)
        return fd;
    if (renameat(fd, from, fd, to) < 0 && errno != ENOENT)
        return -errno;
    /* Also where it was done before: that run may not have come to this. */
    return fsync(fd) < 0 ? -errno : 0;
}

/* In every base of the flight's places, and in the store, which has the manifest. Repeatable in
 * either direction. */
static int move_all(const Flight *flight, const char *from, const char *to, char **reterr_what)
{
    _cleanup_strv_ char **bases = NULL;
    int r = strv_consume(&bases, strprintf(STORE_DIRECTORY "/%s", flight->store->name));

    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        if (!strv_contains(bases, flight->places[i].base))
            r = strv_append(&bases, flight->places[i].base);
    if (r < 0)
        return r;
    STRV_FOREACH (base, bases) {
        r = move_in(flight->store, *base, from, to);
        if (r == -ENOENT)
            return place_missing(*base, reterr_what);
        if (r < 0) {
            *reterr_what = strprintf("cannot rename '%s/backups/%s' to '%s': %s", *base, from, to,
                                     strerror(-r));
            return r;
        }
    }
    return 0;
}

static int explain(const Place *place, const char *backup, int r, char **reterr_what)
{
    if (r < 0 && !*reterr_what)
        *reterr_what =
            strprintf("'%s/backups/%s/%s': %s", place->base, backup, place->entry, strerror(-r));
    return r;
}

int restore_bring(Flight *flight, const char *backup, char **reterr_what)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = explain(flight->places + i, backup, mark(flight, flight->places + i, backup),
                    reterr_what);
    return r == 0 ? move_all(flight, backup, flight->id, reterr_what) : r;
}

int restore_put_back(Flight *flight, const char *backup, char **reterr_what)
{
    int r = move_all(flight, flight->id, backup, reterr_what);

    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = explain(flight->places + i, backup, unmark(flight, flight->places + i, backup),
                    reterr_what);
    if (r == 0 && flight->between) /* mutation: stamp-restored */
        r = flight_stamp_apart(flight, flight->from);
    return r == 0 ? record_remove(flight->store, RECORD_TRANSACTION) : r;
}
