/* SPDX-License-Identifier: MIT */
/* Recovers a transaction that was cut off. The phase of its record says how:
 *
 *   staging     Restore= hooks undo the effects outside of the clones, and the clones are dropped
 *   in-place    as "staging", but the clones are put back first
 *   swapping    as "staging" if marks or names show that nothing is exchanged; else the remaining
 *               directories are exchanged, too, and the transaction is concluded
 *   concluding  the transaction is concluded again
 *   recording   the version is recorded again
 *   restoring   see restoring.c */
#include "backup/guest.h"
#include "store/attempt.h"
#include "store/stamp.h"
#include "transaction/conclude.h"
#include "transaction/private.h"
#include "transaction/restoring.h"
#include "transaction/swap.h"

#include <fcntl.h>

/* Ends the recovery of a transaction with effects that no Restore= undoes. Keeps all data for the
 * operator, who has to fix the state. */
static int settle_lasting(Flight *flight)
{
    const char *unit = flight->log->units ? flight->log->units[0] : "the service";
    int r;

    flight->record.result = RESULT_ATTENTION;
    r = strreplace(&flight->record.reason,
                   flight->changed
                       ? "cut off, and something outside of the sandbox has changed the state"
                       : "cut off, and there is no Restore= that undoes it");
    if (r == 0)
        r = transaction_record_write(flight->store, RECORD_FAILED, &flight->record);
    if (r == 0)
        r = record_remove(flight->store, RECORD_TRANSACTION);
    if (r < 0)
        return r;
    log_event(flight->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "The migration of %s from %s to %s was cut off", flight->store->name, flight->from,
              flight->to);
    abandon_log_lasting(flight, unit);
    return 0;
}

static void log_settled(const Flight *flight)
{
    if (flight_is_init(flight))
        log_recovered(
            flight,
            "Making the state of %s at version %s was cut off. There is no state yet, and "
            "the next start makes it",
            flight->store->name, flight->to);
    else if (flight->record.protect == PROTECT_CLONE && !flight->record.between)
        log_recovered(
            flight,
            "A migration from %s to %s was cut off before its swap. Its clone was dropped, "
            "and the state is unchanged at %s",
            flight->from, flight->to, flight->from);
    else
        log_recovered(
            flight,
            "A migration from %s to %s was cut off before its commit, and undone. The state "
            "is as it was, at %s",
            flight->from, flight->to, flight->from);
}

static void log_concluded(const Flight *flight)
{
    if (flight_is_of_lost(flight))
        log_recovered(
            flight,
            "Restoring a backup of %s was cut off, and has been finished: the state is at %s again",
            flight->store->name, flight->to);
    else if (flight_is_init(flight))
        log_recovered(flight, "Init= of %s was cut off, and has been finished: the state is at %s",
                      flight->store->name, flight->to);
    else
        log_recovered(
            flight,
            "A migration from %s to %s was cut off after its commit, and has been finished: "
            "the state is at %s",
            flight->from, flight->to, flight->to);
}

/* Refuses a record of a transaction that has ended, which a store from a backup may have: the
 * "clone" may now be the original. The stamp of the live state shows that the transaction has
 * ended. */
static int check_uncommitted(const Flight *flight, char **reterr_what)
{
    _cleanup_free_ char *between = strprintf("%s:%s", flight->from ? flight->from : "", flight->to);

    if (!between)
        return -ENOMEM;
    for (size_t i = 0; !flight->stamp_in_store && i < flight->n_places; i++) {
        _cleanup_(stamps_free) Stamps stamps = {};
        int r = stamps_read(flight->places[i].fd, flight->store->name, &stamps);

        if (r < 0)
            return r;
        STRV_FOREACH (version, stamps.versions) {
            if ((flight->from && streq(*version, flight->from)) || streq(*version, between))
                continue;
            *reterr_what = strprintf("%s/transaction is about a migration from %s to %s without a "
                                     "commit, but the stamp of '%s' says %s. Has the store come "
                                     "back from a backup? If the stamp is right, remove that file",
                                     flight->store->path, flight->from ? flight->from : "nothing",
                                     flight->to, flight->places[i].directory,
                                     version_is_valid(*version) ? *version : "otherwise");
            return -EBADMSG;
        }
    }
    return 0;
}

/* Refuses a record of a transaction whose backup has a manifest beside it, whatever it says: the
 * "clone" is the original. Stamps in the store do not tell, since an older store has older stamps. */
static int check_undescribed(Flight *flight, char **reterr_what)
{
    ARRAY_FOREACH (place, flight->places, flight->n_places) {
        struct stat st;
        int r = streq(place->base, flight->store->path) ? -ENOENT
                                                         : place_prepare_again(place, flight->id);

        /* Without space, a directory that is missing cannot be made. */
        if (r == -ENOENT || r == -ENOSPC || r == -EDQUOT)
            continue;
        if (r < 0)
            return r;
        if (fstatat(place->transaction_fd, MANIFEST, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno != ENOENT)
                return -errno;
            continue;
        }
        *reterr_what =
            strprintf("%s/transaction is about a migration without a commit, but '%s' is its "
                      "finished backup, which has the original. Has the store come back from a "
                      "backup? If so, keep '%s', and move %s/transaction away",
                      flight->store->path, place->transaction, place->transaction,
                      flight->store->path);
        return -EBADMSG;
    }
    return 0;
}

static int settle_uncommitted(Flight *flight, char **reterr_what)
{
    RollbackOutcome outcome;
    int r = check_uncommitted(flight, reterr_what);

    if (r == 0)
        r = check_undescribed(flight, reterr_what);
    if (r < 0)
        return r;
    outcome = rollback(flight, NULL, reterr_what);
    if (outcome == ROLLBACK_STUCK)
        return -EUCLEAN;
    r = flight_drop_wayback(flight); /* mutation: drop-wayback */
    if (r < 0)
        return r;
    if (outcome == ROLLBACK_LASTING)
        return settle_lasting(flight);
    r = flight_discard(flight);
    if (r == 0)
        r = interruption_add(flight->store, flight->record.fingerprint);
    if (r == 0)
        r = record_remove(flight->store, RECORD_TRANSACTION);
    if (r == 0)
        log_settled(flight);
    return r;
}

static int settle_swapping(Flight *flight, char **reterr_what)
{
    int swapped = swap_finish(flight, reterr_what), r;

    if (swapped == SWAP_NONE)
        return settle_uncommitted(flight, reterr_what);
    r = swapped < 0 ? swapped : conclude(flight);
    if (r == 0 && flight_is_init(flight))
        log_concluded(flight);
    else if (r == 0)
        log_recovered(
            flight,
            "A migration from %s to %s was cut off in its swap, and has been finished: the "
            "state is at %s, the original is kept in %s",
            flight->from, flight->to, flight->to, flight->places[0].transaction);
    return r;
}

static int settle_recording(Flight *flight, char **reterr_what)
{
    size_t i;
    int r = conclude_recording(flight, &i);

    if (r == 0)
        log_recovered(
            flight,
            "A run was cut off while it recorded the state of %s as version %s. The version "
            "is recorded now",
            flight->store->name, flight->to);
    else if (i < flight->n_places)
        *reterr_what = strprintf("cannot record version %s in %s: %s", flight->to,
                                 flight->places[i].directory, strerror(-r));
    return r;
}

static int settle(Flight *flight, char **reterr_what)
{
    int r;

    for (size_t i = 0; i < flight->n_places; i++)
        if (flight->places[i].fd < 0)
            return place_missing(flight->places[i].directory, reterr_what);
    switch (flight->record.phase) {
    case PHASE_STAGING:
    case PHASE_IN_PLACE:
        return settle_uncommitted(flight, reterr_what);
    case PHASE_CONCLUDING:
        r = conclude(flight);
        if (r == 0)
            log_concluded(flight);
        return r;
    case PHASE_SWAPPING:
        return settle_swapping(flight, reterr_what);
    case PHASE_RESTORING:
        return restore_settle(flight, reterr_what);
    case PHASE_RECORDING:
        return settle_recording(flight, reterr_what);
    case PHASE_NONE:
        break;
    }
    return -EBADMSG;
}

static int keep_guests_out(const Store *store, int *ret_fd, char **reterr_what)
{
    int r = lodging_keep_out(store, ret_fd);

    if (r != 1)
        return r;
    *reterr_what = guests_describe_busy(NULL, store->name);
    return *reterr_what ? -EBUSY : -ENOMEM;
}

Result transaction_settle(Store *store, LogContext *log)
{
    _cleanup_(flight_close) Flight flight = FLIGHT_NONE;
    _cleanup_free_ char *what = NULL;
    _cleanup_close_ int guests_fd = -1;
    LogContext own = *log;
    int r;

    r = flight_read(store, &own, &flight, &what);
    if (r == 0)
        r = keep_guests_out(store, &guests_fd, &what);
    if (r == 0)
        r = settle(&flight, &what);
    if (r >= 0)
        return RESULT_DONE;
    if (r == -EBUSY && what) {
        log_event(&own, LOG_ERR, MESSAGE_BUSY, RESULT_BUSY,
                  "An unfinished migration of %s cannot be recovered yet: %s", store->name, what);
        log_error(&own,
                  "Nothing was removed, and the service stays down. Once that is over, run: "
                  "systemctl start migrate@%s",
                  store->name);
        return RESULT_BUSY;
    }
    if (r == -EBADMSG && !what)
        log_event(&own, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
                  "An unfinished migration of %s cannot be recovered: the record %s/transaction is "
                  "damaged. First look at the stamp of each directory and at %s/backups, then move "
                  "the record away",
                  store->name, store->path, store->path);
    else
        log_event(&own, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
                  "An unfinished migration of %s cannot be recovered: %s. Fix the cause first",
                  store->name, what ? what : strerror(-r));
    log_error(&own,
              "Nothing was removed, and the service stays down. After that, run: systemctl start "
              "migrate@%s.service, then: systemctl start %s",
              store->name, own.units ? own.units[0] : "the service");
    return RESULT_ATTENTION;
}
