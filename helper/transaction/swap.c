/* SPDX-License-Identifier: MIT */
/* Exchanges directories with their clones, each by its method. After a crash, finds out which
 * directory is the clone. */
#include "transaction/swap.h"

#include "transaction/swap-entries.h"
#include "tree/tree.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>

int swap_mark(int fd, const char *id)
{
    return fsetxattr(fd, TREE_MARK, id, strlen(id), 0) < 0 ? -errno : 0;
}

static int mark_test(int fd, const char *id)
{
    char value[128];
    ssize_t n = fgetxattr(fd, TREE_MARK, value, sizeof(value));

    if (n < 0)
        return errno == ENODATA || errno == ERANGE ? 0 : -errno;
    /* mutation: recognize-clone */
    return (size_t)n == strlen(id) && memcmp(value, id, (size_t)n) == 0;
}

static int exchange(Place *place)
{
    return renameat2(place->parent_fd, place->name, place->transaction_fd, place->entry,
                     RENAME_EXCHANGE) < 0
               ? -errno
               : 0;
}

/* Repeatable with PLACE_ENTRIES only. */
static int swap_place(const Flight *flight, Place *place, char **reterr_what)
{
    return place->method == PLACE_ENTRIES
               ? entries_swap(place, flight->store->name, flight->from, flight->to, reterr_what)
               : exchange(place);
}

/* --- the first attempt --------------------------------------------------------------------- */

/* Undoes the exchanges that were made, and syncs, since otherwise a power cut could bring back an
 * exchange after its record was removed. Refuses PLACE_ENTRIES, whose swap can only be finished. */
static int swap_back(Flight *flight, size_t first)
{
    int r = 0;

    for (size_t i = first; r == 0 && i < flight->n_places; i++)
        if (flight->places[i].method != PLACE_EXCHANGE)
            r = -EINPROGRESS;
    for (size_t i = first; r == 0 && i < flight->n_places; i++) {
        r = exchange(flight->places + i);
        if (r == 0)
            r = place_sync(flight->places + i);
    }
    return r;
}

/* Exchanges all directories or none, the primary last. If one exchange fails, the earlier ones are
 * undone. */
SwapOutcome swap_all(Flight *flight, char **reterr_what)
{
    for (size_t i = flight->n_places; i > 0; i--) {
        Place *place = flight->places + i - 1;
        _cleanup_free_ char *what = NULL;
        int r = swap_place(flight, place, &what);

        if (r == 0)
            continue;
        *reterr_what = strprintf("cannot exchange '%s' with its clone: %s%s%s", place->directory,
                                 what ? what : "", what ? ": " : "", strerror(-r));
        if (place->method == PLACE_ENTRIES && entries_look(place) != ENTRIES_NONE)
            return SWAP_STUCK;
        return swap_back(flight, i) < 0 ? SWAP_STUCK : SWAP_NONE; /* mutation: exchange-back */
    }
    return SWAP_DONE;
}

/* --- after a crash ------------------------------------------------------------------------- */

/* Where a clone is. All sides are found once, before any decision: a mark that becomes unreadable
 * must not reverse an exchange, or make the original count as a clone to drop. */
typedef enum Side {
    SIDE_LIVE,    /* exchanged: the clone is the state, the original is a backup */
    SIDE_BETWEEN, /* some entries are exchanged */
    SIDE_BESIDE,  /* not exchanged */
    SIDE_DROPPED, /* not exchanged, and the clone is gone */
} Side;

static int side_by_mark(Place *place, const char *id, bool live, Side *ret, char **reterr_what)
{
    _cleanup_close_ int fd = place_open_clone(place);
    int r;

    if (fd < 0 && (fd != -ENOENT || live))
        return fd;
    r = live || fd < 0 ? 0 : mark_test(fd, id);
    if (r < 0)
        return r;
    if (!live && fd >= 0 && r == 0) {
        /* Somebody has replaced the clone, and place->entry may be the only copy of the
         * original. */
        *reterr_what = strprintf("neither '%s' nor '%s/%s' is the clone of transaction %s",
                                 place->directory, place->transaction, place->entry, id);
        return -EBADMSG;
    }
    *ret = live ? SIDE_LIVE : fd >= 0 ? SIDE_BESIDE : SIDE_DROPPED;
    return 0;
}

static int side_by_entries(const Place *place, Side *ret, char **reterr_what)
{
    static const Side of_entries[] = {
        [ENTRIES_NONE] = SIDE_BESIDE,
        [ENTRIES_DROPPED] = SIDE_DROPPED,
        [ENTRIES_BEGUN] = SIDE_BETWEEN,
        [ENTRIES_DONE] = SIDE_LIVE,
    };
    int r = entries_look(place);

    if (r == -EBADMSG)
        *reterr_what = strprintf("somebody has changed the files in '%s'", place->transaction);
    if (r < 0)
        return r;
    *ret = of_entries[r];
    return 0;
}

static int side_find(Place *place, const char *id, Side *ret, char **reterr_what)
{
    int live = place->method == PLACE_EXCHANGE ? mark_test(place->fd, id) : 0, r;

    if (live < 0)
        return live;
    r = place_prepare(place, id, false, NULL);
    /* A crash during the removal of clones may leave the base without the clone. If even the base
     * is missing, another service on the mount may have removed it; or the right file system is not
     * mounted. */
    if (r == -ENOENT && !live && (place->base_fd >= 0 || place_base_is_mounted(place->base))) {
        *ret = SIDE_DROPPED;
        return 0;
    }
    if (r < 0)
        return r == -ENOENT ? place_missing(place->transaction ? place->transaction : place->base,
                                            reterr_what)
                            : r;
    return place->method == PLACE_EXCHANGE ? side_by_mark(place, id, live, ret, reterr_what)
                                           : side_by_entries(place, ret, reterr_what);
}

/* Exchanges every directory that is not exchanged yet. If no directory is exchanged, does so only
 * with all. */
static int finish(Flight *flight, bool all, char **reterr_what)
{
    _cleanup_free_ Side *sides = calloc(flight->n_places, sizeof(Side));
    size_t swapped = 0, dropped = 0;
    int r;

    if (!sides)
        return -ENOMEM;
    for (size_t i = 0; i < flight->n_places; i++) {
        r = side_find(flight->places + i, flight->id, sides + i, reterr_what);
        if (r < 0)
            return r;
        swapped += sides[i] == SIDE_LIVE || sides[i] == SIDE_BETWEEN;
        dropped += sides[i] == SIDE_DROPPED;
    }
    if (swapped == 0 && !all)
        return SWAP_NONE;
    if (dropped > 0) {
        *reterr_what = strdup("some directories are exchanged, but the clone of another is gone");
        return -EBADMSG;
    }
    for (size_t i = flight->n_places; i > 0; i--) {
        /* mutation: exchange-rest */
        r = sides[i - 1] != SIDE_LIVE ? swap_place(flight, flight->places + i - 1, reterr_what) : 0;
        if (r < 0)
            return r;
    }
    return SWAP_DONE;
}

int swap_finish(Flight *flight, char **reterr_what)
{
    return finish(flight, false, reterr_what);
}

int swap_resume(Flight *flight, char **reterr_what)
{
    assert(flight->record.phase == PHASE_IN_PLACE);
    return finish(flight, true, reterr_what);
}
