/* SPDX-License-Identifier: MIT */
/* How a transaction that cannot go on ends: its clones go, or one is kept to be looked at, what the
 * next attempt must know is written down, and the last lines say what happened. Never touches the
 * live state. */
#include "abandon.h"

#include "attempt.h"

#include <sys/statvfs.h>

/* Does a kept clone leave the file system so full that others suffer? */
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

static int drop_clones(Transaction *t)
{
    int result = 0;

    for (size_t i = 0; i < t->run->n_places; i++) {
        int r = place_discard(t->run->places + i, t->flight.id);

        result = result < 0 ? result : r;
    }
    return result;
}

static void describe_failure(Transaction *t, int result)
{
    _cleanup_free_ char *finished = time_format(time_now());

    json_add_string(t->flight.record, "finished", finished);
    json_add_integer(t->flight.record, "duration", (int64_t)(time_now() - t->started));
    json_add_string(t->flight.record, "result", result_name((Result)result));
    json_add_string(t->flight.record, "reason", t->what);
    json_object_object_del(t->flight.record, "post");
    json_object_object_del(t->flight.record, "phase");
}

/* What the next attempt must know. */
static int write_failure(Transaction *t, int result)
{
    if (result != RESULT_FAILED)
        return 0;
    return canceled ? interruption_add(t->run->store, t->fingerprint)
                    : record_write(t->run->store, RECORD_FAILED, t->flight.record);
}

static int write_failed_history(Transaction *t)
{
    json_object_object_del(t->flight.record, "places");
    return history_append(t->run->store, t->flight.record);
}

/* The last lines before systemd's own: what happened, in which state the data is, what to type. */
static void log_failure(Transaction *t, int result, bool kept)
{
    const Declaration *declaration = t->run->declaration;
    const char *message_id = result == RESULT_REFUSED    ? MESSAGE_REFUSED
                             : result == RESULT_BUSY     ? MESSAGE_BUSY
                             : result == RESULT_APPROVAL ? MESSAGE_APPROVAL
                             : canceled                  ? MESSAGE_INTERRUPTED
                                                         : MESSAGE_FAILED;

    log_event(&t->run->log, LOG_ERR, message_id, result,
              "The migration of %s from %s to %s was not done: %s", declaration->name,
              t->plan->from, t->plan->to, t->what);
    log_error(&t->run->log, "The data in %s is untouched, at version %s; %s stays down",
              t->run->places[0].directory, t->plan->from, declaration->units.items[0].value);
    if (kept)
        log_error(&t->run->log,
                  "The failed clone is kept in %s, what the scripts printed in %s/log",
                  t->run->places[0].transaction, t->run->store->path);
    if (result == RESULT_FAILED &&
        (!canceled || interruption_count(t->run->store, t->fingerprint) >= INTERRUPTIONS_MAX))
        log_error(
            &t->run->log,
            "It is not tried again by itself%s. Mend the cause, then type: migratectl retry %s",
            canceled ? " after three interruptions in a row" : "", declaration->name);
    else if (result != RESULT_APPROVAL)
        log_error(&t->run->log,
                  "It is tried again at the next start of %s, as with: systemctl restart %s",
                  declaration->units.items[0].value, declaration->units.items[0].value);
}

void abandon_log_attention(const Transaction *t)
{
    log_event(&t->run->log, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "The migration of %s from %s to %s stopped in the middle of the swap: %s",
              t->run->declaration->name, t->plan->from, t->plan->to, t->what);
    log_error(&t->run->log, "Nothing is lost: each directory is either at its place or in %s",
              t->run->places[0].transaction);
    log_error(
        &t->run->log,
        "%s stays down until it is settled. Mend the cause, then type: systemctl start migrate@%s",
        t->run->declaration->units.items[0].value, t->run->declaration->name);
}

int abandon(Transaction *t, int result)
{
    int r = 0, written;
    bool kept;

    if (!t->flight.id || !t->flight.record) { /* out of memory before anything was begun */
        log_failure(t, result, false);
        return result;
    }
    if (result == RESULT_ATTENTION) {
        abandon_log_attention(t);
        return result; /* the record stays: recovery finishes what was begun */
    }
    describe_failure(t, result);
    kept = t->keep_clone && !canceled && !leaves_no_room(t);
    /* A clone that no record knows of would stay for ever. */
    written = kept ? write_failure(t, result) : 0;
    if (written < 0)
        kept = false;
    if (!kept) {
        r = drop_clones(t);
        written = write_failure(t, result);
    }
    if (r < 0)
        log_warning(&t->run->log, "The clone could not be removed yet: %s", strerror(-r));
    if (written == 0)
        written = write_failed_history(t);
    if (written < 0)
        log_warning(&t->run->log, "The failure could not be written down in %s: %s",
                    t->run->store->path, strerror(-written));
    if (r == 0)
        r = record_remove(t->run->store, RECORD_TRANSACTION);
    if (r < 0) {
        log_warning(&t->run->log, "The next start of migrate@%s.service cleans up: %s",
                    t->run->declaration->name, strerror(-r));
    }
    log_failure(t, result, kept);
    return result;
}
