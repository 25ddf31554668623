/* SPDX-License-Identifier: MIT */
/* Restores a backup: exchanges it with the live state, which becomes a backup. Nothing is copied,
 * and nothing is removed.
 *
 *   judge    check that the backup is whole, the software accepts its version, the state is idle
 *   begin    write down which backup is being restored
 *   mark     give the backup's roots the mark of the transaction, on disk; with PLACE_ENTRIES, the
 *            name of a clone
 *   move     rename BACKUPS/OLD to BACKUPS/NEW in every base, where a migration has its clone
 *   swap     as in a migration
 *   conclude the manifest of NEW describes the earlier state
 *
 * The phase is "restoring" throughout, never a phase in which recovery drops a clone: here the
 * clone is the backup. Recovery looks at the marks. If no live directory has a mark, nothing is
 * exchanged, and NEW is renamed to OLD again; else the remaining directories are exchanged. Marks
 * are on disk before the first rename, so a directory NEW without a mark is not from this restore.
 *
 * A lost state is restored by exchanging empty directories, see lost.c. The empty directories are
 * removed at the end, after the record says "concluding": without them, marks tell nothing. */
#include "restore/restore.h"

#include "backup/pruning.h"
#include "inuse/inuse.h"
#include "judge/facts.h"
#include "judge/live.h"
#include "restore/private.h"
#include "session/session.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "store/software.h"
#include "system/system.h"
#include "transaction/restoring.h"
#include "transaction/swap.h"

#include <fcntl.h>

static void restore_free(Restore *restore)
{
    free(restore->version);
    free(restore->made);
    transaction_record_free(&restore->flight.record);
    backups_free(&restore->backups);
    cleanup_close(&restore->guests_fd);
}

/* --- begin, mark, move, swap --------------------------------------------------------------- */

/* Measures the present state, which becomes a backup. A size that cannot be measured stays unknown. */
static LiveSize measure(const Restore *restore)
{
    LiveSize size = {0, 0};
    CloneEstimate estimate;

    for (size_t i = 0; i < restore->run->n_places; i++) {
        const Place *place = restore->run->places + i;

        if (place->fd < 0 || tree_measure(place->fd, place->exclude, &canceled, &estimate) < 0)
            return (LiveSize){-1, -1};
        size.bytes += (int64_t)estimate.copied;
        size.files += (int64_t)estimate.files;
    }
    return size;
}

static int describe(Restore *restore)
{
    _cleanup_free_ char *generation = system_generation(), *boot = system_boot_id(),
                        *machine = system_machine();
    _cleanup_free_ char *now = time_format(restore->started), *id = system_new_id(restore->started);
    TransactionRecord *record = &restore->flight.record;
    Run *run = restore->run;
    const StringValue strings[] = {{&record->id, id},
                                   {&record->service, run->store->name},
                                   {&record->from, restore->version},
                                   {&record->to, restore->backup->version},
                                   {&record->restored, restore->backup->id},
                                   {&record->declaration, run->declaration->file},
                                   {&record->started, now},
                                   {&record->generation, generation},
                                   {&record->boot, boot},
                                   {&record->machine, machine}};
    int r = now && id ? 0 : -ENOMEM;

    /* A guest is not restored together with its host. */
    restore->flight = flight_of_run(run);
    restore->flight.lodgings = NULL;
    restore->flight.n_lodgings = 0;
    record->action = ACTION_RESTORED;
    record->restored_unused = restore->backup->manifest.unused;
    record->unasked = restore->order->unasked;
    record->anew = !restore->order->onwards && run->declaration->version.value &&
                   version_compare(run->declaration->version.value, restore->backup->version) > 0;
    record->lost = restore->lost;
    record->not_before = pruning_note_transaction();
    if (r == 0)
        r = strreplace_all(strings, ELEMENTSOF(strings));
    if (r == 0)
        r = places_record(run->places, run->n_places, record);
    if (r == 0)
        r = software_describe(run->store, record, restore->version,
                              restore->backup->manifest.software_from);
    if (r < 0)
        return r;
    flight_borrow(&restore->flight);
    run->log.transaction = record->id;
    run->log.from = record->from;
    run->log.to = record->to;
    return 0;
}

/* Notes in the record if nobody has ever written to the live state, which judge/route.c can then
 * ignore without consent. Fails if the restore requires an untouched state and somebody has written
 * to the state. */
static int judge_written(Restore *restore, char **reterr_what)
{
    LiveSize size = {-1, -1};
    Written written = restore->lost
                          ? WRITTEN_SINCE
                          : facts_written(NULL, restore->run->store, restore->version, &size);

    if (!restore->lost && size.bytes < 0)
        size = measure(restore);
    restore->flight.record.bytes = size.bytes;
    restore->flight.record.files = size.files;

    if (written == WRITTEN_NEVER)
        restore->flight.record.unused = true;
    if (written == WRITTEN_NEVER || written == WRITTEN_BEFORE || !restore->order->untouched)
        return 0;
    *reterr_what = strdup("the state was written to at the last moment");
    return -EBUSY;
}

/* Checks the backup again: somebody may have mounted or made something since the first check. */
static int prepare_place(const Flight *flight, Place *place, char **reterr_what)
{
    _cleanup_close_ int fd = -1;
    int r = place_prepare(place, flight->id, false, reterr_what);

    if (r < 0)
        return r;
    r = place_check_mounts(place, reterr_what);
    if (r != PLACE_FOUND)
        return r < 0 ? r : -EBUSY;
    fd = place_open_clone(place);
    r = fd < 0 ? fd : place_check_backup(place, fd, reterr_what);
    return r == PLACE_REFUSED ? -EBUSY : r;
}

/* Writes the fingerprint of the restored state into the record on disk, as a migration does. */
static int note_live(Flight *flight)
{
    _cleanup_free_ int *fds = calloc(flight->n_places, sizeof(int));
    bool whole = true;
    size_t n = 0;

    if (!fds)
        return -ENOMEM;
    for (; whole && n < flight->n_places; n++) {
        fds[n] = place_open_clone(flight->places + n);
        whole = fds[n] >= 0 && flight->places[n].method == PLACE_EXCHANGE;
    }
    if (whole) /* mutation: fingerprint-restored */
        live_note(&flight->record, fds, &canceled);
    for (size_t i = 0; i < n; i++)
        cleanup_close(fds + i);
    return whole ? flight_write(flight, PHASE_NONE) : 0;
}

/* The record on disk keeps all gates closed, so no unit begins to use the state after the check. */
static int prepare(Restore *restore, char **reterr_what)
{
    Flight *flight = &restore->flight;
    int in_use =
            in_use_check(restore->run->declaration, flight->places, flight->n_places, reterr_what),
        r = in_use == IN_USE_BUSY ? -EBUSY : in_use;

    if (r == 0)
        r = restore_keep_guests_out(restore, reterr_what);
    if (r == 0)
        r = judge_written(restore, reterr_what);
    if (r == 0)
        r = restore_bring(flight, restore->backup->id, reterr_what);
    for (size_t i = 0; r == 0 && i < flight->n_places; i++)
        r = prepare_place(flight, flight->places + i, reterr_what);
    if (r == 0 && !restore->lost)
        r = note_live(flight);
    if (r == 0 && canceled)
        r = -ECANCELED;
    return r == 0 && flight->stamp_in_store && !restore->lost ? flight_stamp_between(flight, true)
                                                              : r;
}

static Result give_up(Restore *restore, char *what)
{
    _cleanup_free_ char *why = what, *back = NULL;
    int r = restore_put_back(&restore->flight, restore->backup->id, &back);

    if (r == 0)
        return restore_refuse_take(restore, RESULT_FAILED, TAKE_PTR(why));
    log_event(&restore->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "The backup %s of %s was not restored: %s", restore->backup->id,
              restore->run->store->name, why ? why : "out of memory");
    log_error(&restore->run->log,
              "The state is unchanged. The backup is whole, but still in %s/backups/%s: %s. The "
              "service stays down until the backup is back in its place. Fix the cause, then run: "
              "systemctl start migrate@%s",
              flight_base(&restore->flight), restore->flight.id, back ? back : strerror(-r),
              restore->run->store->name);
    return RESULT_ATTENTION;
}

static Result attention(const Restore *restore, const char *what)
{
    log_event(&restore->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "Restoring the backup %s of %s stopped in the middle of the swap: %s",
              restore->backup->id, restore->run->store->name, what ? what : "out of memory");
    log_error(&restore->run->log,
              "Nothing is lost: each directory is either in its place or in %s/backups/%s. The "
              "service stays down until the swap is finished. Fix the cause, then run: systemctl "
              "start migrate@%s",
              flight_base(&restore->flight), restore->flight.id, restore->run->store->name);
    return RESULT_ATTENTION;
}

static Result carry_out(Restore *restore)
{
    _cleanup_free_ char *what = NULL;
    Flight *flight = &restore->flight;
    SwapOutcome outcome;
    int r = prepare(restore, &what);

    if (r < 0)
        return give_up(restore,
                       what ? TAKE_PTR(what)
                            : strprintf("%s", r == -ECANCELED ? "interrupted" : strerror(-r)));
    outcome = swap_all(flight, &what);
    if (outcome == SWAP_NONE)
        return give_up(restore, TAKE_PTR(what));
    if (outcome == SWAP_STUCK)
        return attention(restore, what);
    flight->record.duration = (int64_t)(time_now() - restore->started);
    r = restore_conclude(flight);
    if (r < 0)
        return attention(restore, strerror(-r));
    in_use_report_holders(restore->run->places, restore->run->n_places, &restore->run->log);
    if (restore->lost)
        log_event(&restore->run->log, LOG_NOTICE, MESSAGE_RESTORED, RESULT_DONE,
                  "The lost state of %s is at version %s again, from the backup %s",
                  restore->run->store->name, flight->to, restore->backup->id);
    else
        log_event(&restore->run->log, LOG_NOTICE, MESSAGE_RESTORED, RESULT_DONE,
                  "The state of %s is at version %s again, from the backup %s. The earlier state, "
                  "at %s, is kept in %s",
                  restore->run->store->name, flight->to, restore->backup->id, flight->from,
                  restore->run->places[0].transaction);
    return RESULT_DONE;
}

/* Makes missing directories before the record is written: recovery takes a missing directory for an
 * unmounted disk. */
static Result make_directories(Restore *restore)
{
    char *what = NULL;
    int r;

    if (!restore->lost)
        return RESULT_DONE;
    r = restore_make_directories(restore, &what);
    return r == 0 ? RESULT_DONE : restore_refuse_take(restore, RESULT_FAILED, what);
}

/* Removes the clone of a failed attempt. Only the record of the failure names the clone, and that
 * record moves into the backup. */
static int drop_failed_clone(const Run *run)
{
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    int r = transaction_record_read(run->store, RECORD_FAILED, &failed);

    for (size_t i = 0; r == 0 && place_name_is_valid(failed.id) && i < run->n_places; i++)
        r = place_discard(run->places + i, failed.id);
    return r == 1 || r == -EBADMSG ? 0 : r;
}

static int begin(Restore *restore)
{
    int r = drop_failed_clone(restore->run);

    if (r == 0)
        r = describe(restore);
    return r == 0 ? flight_write(&restore->flight, PHASE_RESTORING) : r;
}

Result restore_run(Run *run, const RestoreOrder *order)
{
    _cleanup_(restore_free)
        Restore restore = {.run = run, .order = order, .started = time_now(), .guests_fd = -1};
    Result result;
    int r;

    rehearsal_give_way(run->store);
    result = restore_judge(&restore);
    if (result == RESULT_DONE)
        result = make_directories(&restore);
    if (result == RESULT_DONE) {
        r = begin(&restore);
        result = r < 0 ? restore_refuse(&restore, RESULT_FAILED, "%s", strerror(-r))
                       : carry_out(&restore);
        /* A write that failed may still have left the record in the store. */
        if (r < 0 && record_remove(run->store, RECORD_TRANSACTION) < 0)
            log_warning(&run->log, "The next start recovers %s/" RECORD_TRANSACTION,
                        run->store->path);
    }
    if (result != RESULT_DONE)
        restore_unmake_directories(&restore);
    run->log.transaction = run->log.from = run->log.to = NULL; /* the strings are freed at the end
                                                                * of this function */
    return result;
}

static int restore_named(const char *name, const char *id, bool force)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    session.run.check_only = true; /* for the log: this is not a migration */
    if (r == RESULT_DONE)
        r = run_find_places(&session.run);
    if (r == RESULT_DONE)
        r = restore_run(&session.run, &(RestoreOrder){.id = id, .force = force});
    if (r == RESULT_DONE)
        run_forget_refusal(&session.run);
    return r;
}

int verb_restore(char **arguments)
{
    return restore_named(arguments[0], arguments[1], false);
}

int verb_restore_forced(char **arguments)
{
    return restore_named(arguments[0], arguments[1], true);
}
