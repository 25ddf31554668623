/* SPDX-License-Identifier: MIT */
/* Ends a failed transaction: drops or keeps the clones, records the failure for the next attempt,
 * and logs what happened. */
#include "store/attempt.h"
#include "store/history.h"
#include "system/bus.h"
#include "transaction/private.h"

#include <sys/statvfs.h>
#include <systemd/sd-daemon.h>

/* Returns true if a kept clone would leave so little space that other services suffer. */
static bool leaves_no_room(const Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        struct statvfs sfs;

        if (t->run->places[i].transaction_fd >= 0 &&
            fstatvfs(t->run->places[i].transaction_fd, &sfs) == 0 &&
            sfs.f_bavail < sfs.f_blocks / 20)
            return true;
    }
    return false;
}

/* Returns the first directory whose software could see a kept clone; NULL: none. */
static const char *find_visible(const Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++)
        if (t->run->places[i].base_is_inside)
            return t->run->places[i].directory;
    return NULL;
}

static int describe_failure(Transaction *t, Result result)
{
    TransactionRecord *record = &t->flight.record;

    free(record->finished);
    record->finished = time_format(time_now());
    record->duration = (int64_t)(time_now() - t->started);
    record->result = result;
    record->between = false;
    record->phase = PHASE_NONE;
    transaction_record_drop_post(record);
    transaction_record_drop_undo(record);
    return record->finished ? strreplace(&record->reason, t->what) : -ENOMEM;
}

/* Says whether somebody has stopped this run, by systemctl stop or restart, or by a shutdown. Such
 * an end does not count as a failure of the migration. */
static bool is_asked_to_stop(const Transaction *t)
{
    _cleanup_free_ char *unit = strprintf("migrate@%s.service", t->run->declaration->name);
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

    return unit && sd_booted() > 0 && bus_open(&bus) == 0 &&
           bus_unit_is_asked_to_stop(bus, unit) > 0;
}

static int write_failure(Transaction *t, Result result)
{
    if (result != RESULT_FAILED && result != RESULT_ATTENTION)
        return 0;
    if (!canceled || result != RESULT_FAILED)
        return transaction_record_write(t->run->store, RECORD_FAILED, &t->flight.record);
    return is_asked_to_stop(t) ? 0 : interruption_add(t->run->store, t->run->fingerprint.hex);
}

void abandon_log_lasting(const Flight *flight, const char *unit)
{
    const LogContext *log = flight->log;

    if (flight->changed) {
        log_error(log,
                  "Something outside of the sandbox has changed %s, although scripts have a clone "
                  "to work on. No stamp names a version any more, and %s stays down",
                  flight->places[0].directory, unit);
        log_error(log,
                  "The clone that was made at version %s is in %s/backups/%s: copy it before "
                  "anything else",
                  flight->from, flight_base(flight), flight->id);
    } else
        log_error(log,
                  "The step has no Restore=, so what its script did outside of the state cannot be "
                  "undone. No stamp names a version any more, and %s stays down",
                  unit);
    log_error(log,
              "Find out whether the data is at %s, at %s or in between. If it is in between, "
              "bring it to one of the two. Then run: "
              "migratectl adopt --force %s VERSION, and then: systemctl restart %s",
              flight->from, flight->to, log->service, unit);
}

/* Returns a phrase such as "The migration of app from 1 to 2". The caller owns the string. */
static char *title_of(const Transaction *t)
{
    return t->plan->from ? strprintf("The migration of %s from %s to %s", t->run->declaration->name,
                                     t->plan->from, t->plan->to)
                         : strprintf("The making of the state of %s at version %s",
                                     t->run->declaration->name, t->plan->to);
}

static void log_next(const Transaction *t, Result result)
{
    const LogContext *log = &t->run->log;
    const char *name = t->run->declaration->name, *unit = t->run->units[0];
    int interruptions = interruption_count(t->run->store, t->run->fingerprint.hex);
    bool failed = result == RESULT_FAILED && (!canceled || interruptions >= INTERRUPTIONS_MAX);

    /* The command comes first, or has a line of its own: on a terminal, "systemctl status" cuts off
     * the ends of lines. */
    if (failed && canceled)
        log_error(log,
                  "To go on, run: migratectl retry %s. It is not tried again by itself after %d "
                  "interruptions in a row: fix the cause first",
                  name, INTERRUPTIONS_MAX);
    else if (failed && t->plan->from)
        log_error(log,
                  "To go on, run: migratectl retry %s. It is not tried again by itself: fix the "
                  "cause first, or install the software for version %s again",
                  name, t->plan->from);
    else if (failed)
        log_error(log,
                  "To go on, run: migratectl retry %s. It is not tried again by itself: fix the "
                  "cause first",
                  name);
    else if (result != RESULT_APPROVAL && result != RESULT_ATTENTION) {
        log_error(log, "The next start of %s tries it again", unit);
        log_error(log, "To do that now, run: systemctl restart %s", unit);
    }
}

/* Logs the last lines of the helper: what happened, the state of the data, the next command. */
static void log_failure(Transaction *t, Result result, bool kept)
{
    const Declaration *declaration = t->run->declaration;
    _cleanup_free_ char *title = title_of(t);
    const char *message_id = result == RESULT_REFUSED     ? MESSAGE_REFUSED
                             : result == RESULT_BUSY      ? MESSAGE_BUSY
                             : result == RESULT_APPROVAL  ? MESSAGE_APPROVAL
                             : result == RESULT_ATTENTION ? MESSAGE_ATTENTION
                             : canceled                   ? MESSAGE_INTERRUPTED
                                                          : MESSAGE_FAILED;

    log_event(&t->run->log, result == RESULT_ATTENTION ? LOG_CRIT : LOG_ERR, message_id, result,
              "%s was not done: %s", title ? title : declaration->name, t->what);
    if (result == RESULT_ATTENTION)
        abandon_log_lasting(&t->flight, t->run->units[0]);
    else if (!t->plan->from)
        log_error(&t->run->log, "There is no data in %s yet; %s stays down", t->run->where,
                  t->run->units[0]);
    else if (declaration_accepts(declaration, t->plan->from))
        log_error(&t->run->log,
                  "The data in %s is unchanged, at version %s; %s may start on it as it is",
                  t->run->where, t->plan->from, t->run->units[0]);
    else
        log_error(&t->run->log, "The data in %s is unchanged, at version %s; %s stays down",
                  t->run->where, t->plan->from, t->run->units[0]);
    if (kept && t->protect == PROTECT_CLONE)
        log_error(&t->run->log,
                  "The failed clone is kept in %s/backups/%s, the output of the scripts in %s/log",
                  flight_base(&t->flight), t->flight.id, t->run->store->path);
    else if (kept)
        log_error(&t->run->log,
                  "The failed state is kept in %s/backups/%s, the output of the scripts in %s/log",
                  flight_base(&t->flight), t->flight.id, t->run->store->path);
    else if (t->keep_clone && t->protect != PROTECT_HOOKS && !canceled && find_visible(t))
        log_error(&t->run->log,
                  "The failed clone is not kept, since the software could see it in %s. The output "
                  "of the scripts is in %s/log",
                  find_visible(t), t->run->store->path);
    log_next(t, result);
}

static void log_attention(const Transaction *t)
{
    _cleanup_free_ char *title = title_of(t);

    log_event(&t->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "%s stopped in the middle of the swap: %s", title ? title : t->run->declaration->name,
              t->what);
    log_error(&t->run->log,
              "Nothing is lost: each directory is either in its place or in %s/backups/%s",
              flight_base(&t->flight), t->flight.id);
    log_error(&t->run->log,
              "%s stays down until the swap is finished. Fix the cause, then run: systemctl start "
              "migrate@%s",
              t->run->units[0], t->run->declaration->name);
}

void abandon_log_unconcluded(const Transaction *t, int error)
{
    _cleanup_free_ char *title = title_of(t);

    log_event(&t->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "%s is done, and the state is at version %s, but this could not be recorded: %s",
              title ? title : t->run->declaration->name, t->plan->to, strerror(-error));
    log_error(&t->run->log, "Nothing is lost. The original is in %s/backups/%s",
              flight_base(&t->flight), t->flight.id);
    log_error(&t->run->log,
              "%s stays down until this is recorded. Fix the cause (is %s full?), then run: "
              "systemctl start migrate@%s",
              t->run->units[0], t->run->store->path, t->run->declaration->name);
}

static Result log_stuck(Transaction *t, const char *what)
{
    _cleanup_free_ char *title = title_of(t);

    log_event(&t->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION, "%s failed: %s",
              title ? title : t->run->declaration->name, t->what);
    log_error(&t->run->log, "Undoing it failed, too: %s", what ? what : "out of memory");
    log_error(&t->run->log,
              "The state may be half migrated, and %s stays down. Remove nothing: the backup is in "
              "%s/backups/%s. The output of the scripts is in %s/log",
              t->run->units[0], flight_base(&t->flight), t->flight.id, t->run->store->path);
    log_error(&t->run->log, "Fix the cause. To undo the rest, run: systemctl start migrate@%s",
              t->run->declaration->name);
    return RESULT_ATTENTION;
}

/* Drops or keeps the clones, and records the failure. Returns true if the clones were kept. */
static bool leave(Transaction *t, Result result, bool lasting)
{
    int described = describe_failure(t, result), written = 0, removed = 0;
    /* After lasting effects, an operator has to fix the state, so everything is kept. */
    bool kept = lasting || (t->keep_clone && t->protect != PROTECT_HOOKS && !canceled &&
                            !find_visible(t) && !leaves_no_room(t));

    /* A clone that no record names would stay forever. */
    if (kept)
        written = write_failure(t, result);
    if (written < 0 && !lasting)
        kept = false;
    if (!kept) {
        removed = flight_discard(&t->flight);
        written = write_failure(t, result);
    }
    if (removed < 0)
        log_warning(&t->run->log, "Cannot remove the clone yet: %s", strerror(-removed));
    else
        removed = flight_drop_wayback(&t->flight);
    if (written == 0) {
        transaction_record_drop_places(&t->flight.record);
        written = history_append(t->run->store, &t->flight.record);
    }
    if (written == 0)
        written = described;
    if (written < 0)
        log_warning(&t->run->log, "Cannot record the failure in %s: %s", t->run->store->path,
                    strerror(-written));
    if (removed == 0)
        removed = record_remove(t->run->store, RECORD_TRANSACTION);
    if (removed < 0)
        log_warning(&t->run->log, "The next start of migrate@%s.service cleans up: %s",
                    t->run->declaration->name, strerror(-removed));
    return kept;
}

Result abandon(Transaction *t, Result result)
{
    _cleanup_free_ char *what = NULL;
    RollbackOutcome outcome;

    assert(result != RESULT_DONE);
    if (!t->flight.id) { /* out of memory before anything began */
        log_failure(t, result, false);
        return result;
    }
    if (result == RESULT_ATTENTION) {
        log_attention(t);
        return result; /* the record stays: recovery finishes the swap */
    }
    outcome = rollback(&t->flight, t->trees, &what);
    if (outcome == ROLLBACK_STUCK)
        return log_stuck(t, what); /* the record stays */
    if (outcome == ROLLBACK_LASTING)
        result = RESULT_ATTENTION;
    log_failure(t, result, leave(t, result, outcome == ROLLBACK_LASTING));
    return result;
}
