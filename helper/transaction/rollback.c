/* SPDX-License-Identifier: MIT */
/* Undoes a transaction before its commit, in reverse order. After the commit only another
 * transaction leads back. */
#include "judge/live.h"
#include "script/temporary.h"
#include "store/stamp.h"
#include "transaction/effects.h"
#include "transaction/private.h"
#include "transaction/swap.h"

#include <fcntl.h>

static int find_trees(Flight *flight, SandboxTree *trees)
{
    bool cloned = flight->record.protect == PROTECT_CLONE;

    for (size_t i = 0; i < flight->n_places; i++) {
        Place *place = flight->places + i;
        int r = cloned ? place_prepare_again(place, flight->id) : 0;

        if (r < 0)
            return r;
        trees[i] = place_tree(place, cloned ? place_open_clone(place)
                                            : fcntl(place->fd, F_DUPFD_CLOEXEC, 3));
        if (trees[i].fd < 0)
            return -errno;
    }
    return 0;
}

static int undo_found(Flight *flight, char **reterr_what)
{
    _cleanup_free_ SandboxTree *trees = calloc(flight->n_places + 1, sizeof(SandboxTree));
    int r;

    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < flight->n_places; i++)
        trees[i].fd = -1;
    r = find_trees(flight, trees);
    if (r == 0)
        r = effects_undo(flight, trees, flight->n_places, reterr_what);
    for (size_t i = 0; i < flight->n_places; i++)
        cleanup_close(&trees[i].fd);
    return r;
}

static int undo_effects(Flight *flight, const SandboxTree *trees, char **reterr_what)
{
    int r = 0;

    if (!effects_begun(flight)) /* mutation: undo-hooks */
        return EFFECTS_DONE;
    if (flight->hooks_fd < 0)
        r = flight_open_hooks(flight, false, reterr_what);
    if (r < 0)
        return r;
    return trees ? effects_undo(flight, trees, flight->n_places, reterr_what)
                 : undo_found(flight, reterr_what);
}

/* Sets flight->changed if another service has changed the live state, although the scripts had a
 * clone: the stamp FROM could then be on data of TO. If the state cannot be read, returns a
 * negative errno and *reterr_what. */
static int find_changed(Flight *flight, char **reterr_what)
{
    const TransactionRecord *record = &flight->record;
    bool begun = false;
    int r;

    ARRAY_FOREACH (undo, record->undo, record->n_undo)
        begun = begun || undo->state != UNDO_NONE;
    if (!begun || !record->original || record->protect != PROTECT_CLONE)
        return 0;
    /* Clones are only dropped after this check. Then a neighbour may remove .migrate, too, which the
     * fingerprint of a mount point contains. */
    ARRAY_FOREACH (place, flight->places, flight->n_places)
        if (place_prepare_again(place, flight->id) == -ENOENT)
            return 0;
    r = live_is(record, record->original);
    flight->changed = r == 0;
    if (r < 0)
        *reterr_what = strprintf("cannot find out whether something outside has changed '%s': %s",
                                 flight->places[0].directory, strerror(-r));
    return MIN(r, 0);
}

/* Stamps the clones FROM:TO before they are put back. After lasting effects, no stamp may name a
 * version. */
static int stamp_clones_between(Flight *flight)
{
    _cleanup_free_ char *between = strprintf("%s:%s", flight->from, flight->to);
    int r = between ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && !flight->stamp_in_store && i < flight->n_places; i++) {
        Place *place = flight->places + i;
        _cleanup_close_ int fd = -1;

        r = place_prepare_again(place, flight->id);
        fd = r == 0 ? place_open_clone(place) : -1;
        if (fd == -ENOENT) /* this clone is back already */
            continue;
        if (r == 0 && fd < 0)
            r = fd;
        if (r == 0)
            r = stamp_write(fd, flight->store->name, between);
        if (r == 0 && fsync(fd) < 0)
            r = -errno;
    }
    return r;
}

/* With phase "staging" on disk, the clones may be dropped. */
static int put_back(Flight *flight, char **reterr_what)
{
    int r = swap_resume(flight, reterr_what);

    if (r < 0 && !*reterr_what)
        *reterr_what =
            strprintf("cannot put back '%s': %s", flight->places[0].directory, strerror(-r));
    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = place_sync(flight->places + i);
    return r == 0 ? flight_write(flight, PHASE_STAGING) : r;
}

static int restamp(Flight *flight, bool were_in_place)
{
    if (!flight->record.between)
        return 0;
    /* A directory that was put back has its stamp already, and its descriptor now belongs to the
     * directory that was taken away. */
    /* mutation: stamp-elsewhere-back */
    return were_in_place ? flight_stamp_apart(flight, flight->from)
                         : flight_stamp(flight, flight->from, NULL);
}

/* Writes the record again after a failed write, which may have left the later phase on disk. Not
 * needed with clones alone, for which recovery does the same in both phases. */
static int make_sure(Flight *flight)
{
    bool clones_alone = flight->record.protect == PROTECT_CLONE && !effects_expected(flight);

    return flight->unsure && !clones_alone ? flight_write(flight, PHASE_NONE) : 0;
}

static int put_all_back(Flight *flight, bool lasting, char **reterr_what)
{
    bool in_place = flight->record.phase == PHASE_IN_PLACE;
    int r = in_place && lasting ? stamp_clones_between(flight) : 0;

    if (r == 0 && in_place)
        r = put_back(flight, reterr_what);
    return r == 0 && !lasting ? restamp(flight, in_place) : r;
}

RollbackOutcome rollback(Flight *flight, const SandboxTree *trees, char **reterr_what)
{
    bool undone, lasting = false;
    int r;

    /* Temporary files of a command that was cut off may have filled the disk. During a swap, the
     * name stands for something else. */
    if (flight->n_places > 0 && flight->record.phase != PHASE_SWAPPING &&
        temporary_sweep(flight->places) < 0)
        log_warning(flight->log, "The temporary files in '%s' cannot be removed",
                    flight->places->transaction);
    r = make_sure(flight);
    if (r == 0)
        r = undo_effects(flight, trees, reterr_what);
    undone = r == EFFECTS_DONE || r == EFFECTS_LASTING;
    if (undone) {
        lasting = r == EFFECTS_LASTING;
        r = find_changed(flight, reterr_what);
        lasting = lasting || flight->changed;
    }
    if (undone && r == 0)
        r = put_all_back(flight, lasting, reterr_what);
    if (undone && r == 0)
        return lasting ? ROLLBACK_LASTING : ROLLBACK_DONE;
    if (!*reterr_what)
        *reterr_what =
            r < 0 ? strprintf("%s: %s", flight->store->path, strerror(-r)) : strdup("interrupted");
    return ROLLBACK_STUCK;
}
