/* SPDX-License-Identifier: MIT */
/* A migration, told in order:
 *
 *   begin    write down that a transaction is in flight
 *   keep out guests, the services that keep data in this state: from here on they wait
 *   clone    every directory, on its own mount
 *   run      every step's script on the clones, then verify them; if a script acts outside of the
 *            state, first its Backup=
 *   stamp    the clones say the new version
 *   sync     the clones are on disk
 *   keep     the [Down] script of each step, for a system without that script
 *   note     the fingerprint that the state will have as long as nobody writes to it
 *   prove    nobody uses the state, the original is as it was when it was cloned, the declaration
 *            still wants this
 *   swap     write down that exchanges begin, exchange: the commit
 *   conclude fsync; what was live is now the backup
 *
 * The live state is not touched before "swap". Whatever goes wrong before is rolled back, which is
 * little more than dropping the clones; whatever goes wrong after is finished by recover.c. With
 * Protect=in-place scripts run on the live state, and the clones are put back; with Protect=hooks,
 * or without directories, Restore= hooks undo. docs/design.md has the table of crash points.
 *
 * A first start goes the same way, but the originals are empty directories, the only step is Init=,
 * and there is no backup. init.c has the other differences.
 */
#include "transaction/transaction.h"

#include "backup/guest.h"
#include "inuse/inuse.h"
#include "judge/live.h"
#include "script/progress.h"
#include "script/slots.h"
#include "script/temporary.h"
#include "state/rehearsal-left.h"
#include "store/stamp.h"
#include "transaction/conclude.h"
#include "transaction/effects.h"
#include "transaction/private.h"
#include "transaction/swap.h"

#include <fcntl.h>

void transaction_free(Transaction *t)
{
    for (size_t i = 0; t->trees && i < t->run->n_places; i++)
        cleanup_close(&t->trees[i].fd);
    free(t->trees);
    free(t->clones);
    free(t->what);
    cleanup_close(&t->flight.hooks_fd);
    cleanup_close(&t->guests_fd);
    transaction_record_free(&t->flight.record);
}

/* --- begin --------------------------------------------------------------------------------- */

static Result write_record(Transaction *t, Phase phase)
{
    return transaction_check(t, flight_write(&t->flight, phase),
                             "cannot write the transaction record in", t->run->store->path);
}

static Result begin(Transaction *t)
{
    int r = describe(t);

    rehearsal_give_way(t->run->store);
    return r < 0 ? transaction_check(t, r, "cannot begin", NULL) /* mutation: record-cloning */
                 : write_record(t, PHASE_STAGING);
}

/* Locks guests out: a guest's writes would look like a change of the state, and would stay behind
 * in the original. */
static Result keep_guests_out(Transaction *t)
{
    int r = lodging_keep_out(t->run->store, &t->guests_fd);

    return r <= 0 ? transaction_check(t, r, "cannot lock", t->run->store->path)
                  : transaction_fail_take(
                        t, RESULT_BUSY,
                        guests_describe_busy(t->run->declarations, t->run->store->name));
}

/* --- clone --------------------------------------------------------------------------------- */

static Result stamp_between(Transaction *t, bool apart)
{
    return transaction_check(t, flight_stamp_between(&t->flight, apart), "cannot stamp",
                             t->run->where);
}

static Result open_hooks(Transaction *t)
{
    _cleanup_free_ char *what = NULL;
    int r = flight_open_hooks(&t->flight, true, &what);

    return transaction_check_what(t, r, "cannot create the directory of Backup= hooks", what);
}

/* Opens the live state as the trees that scripts run on. */
static Result use_live(Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;

        cleanup_close(&t->trees[i].fd);
        t->trees[i] = place_tree(place, fcntl(place->fd, F_DUPFD_CLOEXEC, 3));
        if (t->trees[i].fd < 0)
            return transaction_check(t, -errno, "cannot open", place->directory);
    }
    return 0;
}

/* Syncs each file system once, so that all trees are on disk before the record says so. The sync
 * may take long, so prove() comes afterwards. */
static Result sync_trees(Transaction *t)
{
    const char *path = "";
    int r;

    /* A script with External= has given the slot back. */
    r = slots_take(&t->run->log, &canceled);
    if (r < 0)
        return transaction_check(t, r, "cannot go on", NULL);
    progress_enter(PROGRESS_SYNCING);
    r = script_sync(t->run->declaration, t->trees, t->run->n_places, &path);
    return transaction_check(t, r, "cannot sync the migrated copy of", path);
}

/* Records the fingerprint of the original: another service may write to the live state, although
 * the script has a clone. */
static Result note_original(Transaction *t)
{
    TransactionRecord *record = &t->flight.record;

    live_note(record, NULL, &canceled);
    record->original = TAKE_PTR(record->live);
    return record->original
               ? RESULT_DONE
               : transaction_fail(t, RESULT_FAILED, "cannot look at '%s'", t->run->where);
}

Result transaction_allocate(Transaction *t)
{
    t->trees = calloc(t->run->n_places + 1, sizeof(SandboxTree));
    t->clones = calloc(t->run->n_places + 1, sizeof(CloneResult));
    if (!t->trees || !t->clones)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    for (size_t i = 0; i < t->run->n_places; i++)
        t->trees[i].fd = -1;
    return RESULT_DONE;
}

/* Makes the trees on which scripts run. Stamps FROM:TO before cloning, since the clones are later
 * compared with their originals; with Protect=in-place after cloning, since the clones may be put
 * back. */
static Result make_trees(Transaction *t)
{
    Result r = transaction_allocate(t);

    if (r == 0 && t->protect != PROTECT_IN_PLACE && effects_expected(&t->flight))
        r = stamp_between(t, false);
    if (r == 0 && t->protect != PROTECT_HOOKS)
        r = clone_all(t);
    if (r == 0 && !t->plan->from)
        r = init_own_clones(t);
    if (r == 0 && t->protect == PROTECT_CLONE && effects_expected(&t->flight))
        r = note_original(t);
    if (r == 0 && t->protect == PROTECT_IN_PLACE) {
        r = sync_trees(t); /* mutation: sync-before-in-place */
        if (r == 0)
            r = write_record(t, PHASE_IN_PLACE);
        if (r == 0)
            r = stamp_between(t, false);
    }
    if (r == 0 && t->protect != PROTECT_CLONE)
        r = use_live(t);
    return r == 0 && effects_expected(&t->flight) ? open_hooks(t) : r;
}

/* --- stamp, swap --------------------------------------------------------------------------- */

/* Tries again to remove temporary files that the end of a command could not remove: they would stay
 * in the backup. */
static Result sweep(Transaction *t)
{
    int r = t->run->n_places > 0 ? temporary_sweep(t->run->places) : 0;

    return transaction_check(t, r, "cannot remove the temporary files of a script in",
                             t->run->n_places > 0 ? t->run->places[0].transaction : NULL);
}

static Result stamp_clones(Transaction *t)
{
    _cleanup_free_ char *stamp = flight_new_stamp(&t->flight);

    if (!stamp)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    if (t->protect != PROTECT_CLONE)
        return 0;
    for (size_t i = 0; i < t->run->n_places; i++) {
        int r = t->flight.stamp_in_store
                    ? stamp_clear(t->trees[i].fd, t->run->declaration->name)
                    : stamp_write(t->trees[i].fd, t->run->declaration->name, stamp);

        if (r == 0 && !t->flight.stamp_in_store)
            r = flight_link(&t->flight, t->trees[i].fd);
        if (r < 0)
            return transaction_check(t, r, "cannot stamp the clone of",
                                     t->run->places[i].directory);
    }
    return 0;
}

/* Records the fingerprint of the new state, since from here on only services write to the state.
 * With PLACE_ENTRIES, the swap changes the directories, so conclude() records the fingerprint. */
static Result note_live(Transaction *t)
{
    size_t n = t->run->n_places;
    _cleanup_free_ int *fds = NULL;

    if (t->protect == PROTECT_HOOKS || !t->plan->from)
        return 0;
    fds = calloc(n, sizeof(int));
    if (!fds)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    for (size_t i = 0; i < n; i++) {
        fds[i] = t->trees[i].fd;
        if (t->protect == PROTECT_CLONE && t->run->places[i].method != PLACE_EXCHANGE)
            return 0;
    }
    live_note(&t->flight.record, fds, &canceled); /* mutation: fingerprint-live */
    return 0;
}

/* Commits the migration. If no clone is exchanged, the record alone is the commit. */
static Result swap(Transaction *t)
{
    SwapOutcome outcome;
    char *what = NULL;
    Result r;

    if (canceled)
        return transaction_fail(t, RESULT_FAILED, "interrupted");
    if (t->protect != PROTECT_CLONE)
        return write_record(t, PHASE_CONCLUDING);
    /* mutation: stamp-elsewhere-between */
    if ((t->flight.stamp_in_store || t->flight.n_lodgings > 0) && !t->flight.record.between &&
        t->plan->from) {
        r = stamp_between(t, true);
        if (r != 0)
            return r;
    }
    r = write_record(t, PHASE_SWAPPING); /* mutation: record-exchange */
    if (r != 0)
        return r;
    progress_enter(PROGRESS_SWAPPING);
    outcome = swap_all(&t->flight, &what); /* mutation: exchange */
    if (outcome != SWAP_DONE)
        return transaction_fail_take(t, outcome == SWAP_STUCK ? RESULT_ATTENTION : RESULT_FAILED,
                                     what);
    log_event(&t->run->log, LOG_INFO, MESSAGE_SWAPPED, -1, "The migrated clone is now the state");
    return 0;
}

/* --- conclude ------------------------------------------------------------------------------ */

static Result finish(Transaction *t)
{
    const Declaration *declaration = t->run->declaration;
    _cleanup_free_ char *kept = NULL;
    int r;

    t->flight.record.finished = time_format(time_now());
    t->flight.record.duration = (int64_t)(time_now() - t->started);
    r = conclude(&t->flight);
    if (r < 0) {
        abandon_log_unconcluded(t, r);
        return RESULT_ATTENTION;
    }
    in_use_report_holders(t->run->places, t->run->n_places, &t->run->log);
    if (!t->plan->from) {
        log_event(&t->run->log, LOG_NOTICE, MESSAGE_FINISHED, RESULT_DONE,
                  "The state of %s was made, at version %s, in %.1f s", declaration->name,
                  t->plan->to, (double)(time_now() - t->started) / 1e6);
        return RESULT_DONE;
    }
    kept = t->protect == PROTECT_HOOKS ? strdup("")
                                       : strprintf(". The original, at %s, is kept in %s",
                                                   t->plan->from, t->run->places[0].transaction);
    if (t->flight.record.self)
        log_event(&t->run->log, LOG_NOTICE, MESSAGE_FINISHED, RESULT_DONE,
                  "The state of %s is ready for software of version %s, which migrates it itself "
                  "when it starts%s",
                  declaration->name, t->plan->to, kept ? kept : "");
    else
        log_event(&t->run->log, LOG_NOTICE, MESSAGE_FINISHED, RESULT_DONE,
                  "The state of %s is at version %s, after %.1f s%s", declaration->name,
                  t->plan->to, (double)(time_now() - t->started) / 1e6, kept ? kept : "");
    return RESULT_DONE;
}

Result transaction_run(Run *run, const Plan *plan)
{
    _cleanup_(transaction_free)
        Transaction t = {.run = run, .plan = plan, .started = time_now(), .guests_fd = -1};
    Result r;

    t.protect = run->n_places == 0 ? PROTECT_HOOKS
                : plan->from       ? run->declaration->protect
                                   : PROTECT_CLONE;
    run->log.from = plan->from;
    run->log.to = plan->to;
    if (plan->from)
        log_event(&run->log, LOG_NOTICE, MESSAGE_STARTED, -1,
                  "Migrating the state of %s from %s to %s", run->declaration->name, plan->from,
                  plan->to);
    else
        log_event(&run->log, LOG_NOTICE, MESSAGE_STARTED, -1,
                  "Making the state of %s at version %s", run->declaration->name, plan->to);
    r = begin(&t);
    if (r == 0)
        r = keep_guests_out(&t);
    if (r == 0)
        r = make_trees(&t);
    if (r == 0)
        r = steps_run(&t, plan->n_steps, NULL, NULL);
    if (r == 0)
        r = sweep(&t);
    if (r == 0)
        r = stamp_clones(&t);
    if (r == 0)
        r = sync_trees(&t);
    if (r == 0) /* mutation: keep-wayback */
        r = steps_keep(&t);
    if (r == 0)
        r = note_live(&t);
    if (r == 0)
        r = prove(&t);
    if (r == 0) /* mutation: commit */
        r = swap(&t);
    r = r == 0 ? finish(&t) : abandon(&t, r);
    run->log.transaction = NULL; /* the strings are freed at the end of this function */
    return r;
}
