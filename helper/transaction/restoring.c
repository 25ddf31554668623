/* SPDX-License-Identifier: MIT */
/* Moves a backup to where a swap expects the clone, or back again, and recovers a restore. Every
 * function is repeatable. */
#include "transaction/restoring.h"

#include "backup/backup.h"
#include "basic/directory.h"
#include "transaction/conclude.h"
#include "transaction/swap.h"
#include "tree/tree.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>

/* --- one directory ------------------------------------------------------------------------- */

static int open_own(const Flight *flight, const Place *place, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, flight->store, place->base);

    return fd < 0 ? fd : directory_fd(fd, id);
}

/* Returns the name of the entry with a suffix. With PLACE_ENTRIES the names tell how far the swap
 * is, see swap-entries.c. */
static char *entry_name(const Place *place, const char *suffix)
{
    return strprintf("%s%s", place->entry, suffix);
}

/* Renames an entry, or only syncs if an earlier run has renamed the entry. Can replace an empty
 * directory, since network file systems do not support RENAME_NOREPLACE. */
static int rename_within(int fd, const char *from, const char *to)
{
    if (renameat(fd, from, fd, to) < 0 && errno != ENOENT)
        return -errno;
    return fsync(fd) < 0 ? -errno : 0;
}

static int mark_tree(const Flight *flight, const Place *place, int own_fd)
{
    _cleanup_close_ int fd = directory_fd(own_fd, place->entry);
    int r = fd < 0 ? fd : swap_mark(fd, flight->id);

    return r == 0 && syncfs(fd) < 0 ? -errno : r;
}

/* Makes a backup writable that somebody has protected: a read-only subvolume cannot be moved, and no
 * service could use it. */
static int unprotect(const Flight *flight, const Place *place, int own_fd)
{
    _cleanup_close_ int fd = directory_fd(own_fd, place->entry);

    if (fd < 0 || !tree_is_read_only(fd))
        return fd == -ENOENT ? 0 : MIN(fd, 0);
    log_info(flight->log, "The backup of %s was read-only, and is made writable", place->directory);
    return tree_set_read_only(fd, false);
}

/* Marks the backup of one directory as the clone. Runs before BASE/backups/OLD gets its new name,
 * so that after a crash everything with the new name has its mark. */
static int mark(const Flight *flight, const Place *place, const char *backup)
{
    _cleanup_close_ int own_fd = open_own(flight, place, backup);
    _cleanup_free_ char *clone = NULL;
    int r;

    r = own_fd < 0 ? own_fd : unprotect(flight, place, own_fd);
    if (r < 0)
        return r;
    if (place->method == PLACE_EXCHANGE)
        return mark_tree(flight, place, own_fd);
    clone = entry_name(place, ".new");
    return clone ? rename_within(own_fd, place->entry, clone) : -ENOMEM;
}

/* Removes the files of a swap that has not moved anything yet, which a backup must not have. */
static int remove_scrap(const Place *place, int own_fd)
{
    _cleanup_free_ char *frame = entry_name(place, ".frame"), *scratch = entry_name(place, ".tmp");
    int r = frame && scratch ? tree_remove(own_fd, frame) : -ENOMEM;

    return r == 0 ? tree_remove(own_fd, scratch) : r;
}

static int unmark(const Flight *flight, const Place *place, const char *backup)
{
    _cleanup_close_ int own_fd = -1;
    _cleanup_free_ char *clone = NULL;
    int r;

    if (place->method == PLACE_EXCHANGE)
        return 0; /* a mark that belongs to no transaction is harmless */
    own_fd = open_own(flight, place, backup);
    if (own_fd < 0)
        return own_fd;
    clone = entry_name(place, ".new");
    if (!clone)
        return -ENOMEM;
    r = remove_scrap(place, own_fd);                                /* mutation: remove-remains */
    return r == 0 ? rename_within(own_fd, clone, place->entry) : r; /* mutation: rename-restored */
}

/* --- all directories ----------------------------------------------------------------------- */

/* Renames backups/FROM to TO in all bases of the flight, and in the store, which has the
 * manifest. */
static int move_all(const Flight *flight, const char *from, const char *to, char **reterr_what)
{
    _cleanup_strv_ char **bases = NULL;
    int r = strv_consume(&bases, strprintf(STORE_DIRECTORY "/%s", flight->store->name));

    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = strv_append_once(&bases, flight->places[i].base);
    if (r < 0)
        return r;
    STRV_FOREACH (base, bases) {
        _cleanup_close_ int fd = backup_open_base(NULL, flight->store, *base);

        r = fd < 0 ? fd : rename_within(fd, from, to);
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

    assert(flight->record.phase == PHASE_RESTORING);
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
    if (r == 0 && flight->record.between) /* mutation: stamp-restored */
        r = flight_stamp_apart(flight, flight->from);
    return r == 0 ? record_remove(flight->store, RECORD_TRANSACTION) : r;
}

/* --- after the swap ------------------------------------------------------------------------ */

/* Opens BASE/backups/ID. -ENOENT with *ret_backups_fd open: only ID is gone. */
static int open_transaction(const Flight *flight, const char *base, int *ret_backups_fd)
{
    int fd = backup_open_base(NULL, flight->store, base);

    if (fd < 0)
        return fd;
    *ret_backups_fd = fd;
    return directory_fd(fd, flight->id);
}

/* Removes the empty directory that the backup has replaced. Keeps a directory that got a file at
 * the last moment. */
static int drop_entry(const Flight *flight, const Place *place)
{
    _cleanup_close_ int backups_fd = -1,
                        own_fd = open_transaction(flight, place->base, &backups_fd);

    if (own_fd < 0)
        /* Another service on the mount may have removed a base that was empty. */
        return own_fd == -ENOENT && (backups_fd >= 0 || place_base_is_mounted(place->base))
                   ? 0
                   : own_fd;
    if (unlinkat(own_fd, place->entry, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return fsync(own_fd) < 0 ? -errno : 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -errno;
    log_warning(flight->log,
                "%s was not empty any more when the backup took its place: the earlier files are "
                "in %s/backups/%s/%s",
                place->directory, place->base, flight->id, place->entry);
    return 0;
}

static int drop_own(const Flight *flight, const char *base)
{
    _cleanup_close_ int backups_fd = -1, own_fd = open_transaction(flight, base, &backups_fd);

    if (own_fd < 0 && own_fd != -ENOENT)
        return own_fd;
    if (own_fd >= 0 && unlinkat(own_fd, MANIFEST, 0) < 0 && errno != ENOENT)
        return -errno;
    if (own_fd >= 0 && unlinkat(own_fd, "." MANIFEST ".new", 0) < 0 && errno != ENOENT)
        return -errno;
    if (backups_fd < 0)
        return 0;
    if (unlinkat(backups_fd, flight->id, AT_REMOVEDIR) < 0 && errno != ENOENT &&
        errno != ENOTEMPTY && errno != EEXIST)
        return -errno;
    if (own_fd >= 0 && fsync(own_fd) < 0)
        return -errno;
    return fsync(backups_fd) < 0 ? -errno : 0;
}

int restore_drop_emptied(const Flight *flight)
{
    _cleanup_free_ char *own = strprintf(STORE_DIRECTORY "/%s", flight->store->name);
    int r = own ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = drop_entry(flight, flight->places + i);
    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = drop_own(flight, flight->places[i].base);
    return r == 0 ? drop_own(flight, own) : r;
}

int restore_conclude(Flight *flight)
{
    assert(flight->record.phase == PHASE_RESTORING);
    if (!flight->record.finished)
        flight->record.finished = time_format(time_now());
    flight->record.phase = PHASE_SWAPPING;
    return conclude(flight);
}

int restore_settle(Flight *flight, char **reterr_what)
{
    const char *backup = flight->record.restored;
    int swapped, r;

    if (!place_name_is_valid(backup))
        return -EBADMSG;
    swapped = swap_finish(flight, reterr_what);
    if (swapped == SWAP_NONE) {
        r = restore_put_back(flight, backup, reterr_what);
        if (r == 0)
            log_recovered(
                flight,
                "Restoring the backup %s was cut off before the swap, and undone: the backup "
                "is unchanged, and so is the state, at %s",
                backup, flight->from);
        return r;
    }
    r = swapped < 0 ? swapped : restore_conclude(flight);
    if (r == 0 && flight_is_of_lost(flight))
        log_recovered(flight,
                      "Restoring the backup %s was cut off in the swap, and has been finished: the "
                      "state is at %s again",
                      backup, flight->to);
    else if (r == 0)
        log_recovered(flight,
                      "Restoring the backup %s was cut off in the swap, and has been finished: the "
                      "state is at %s, and the earlier state, at %s, is kept in %s",
                      backup, flight->to, flight->from, flight->places[0].transaction);
    return r;
}
