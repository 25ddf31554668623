/* SPDX-License-Identifier: MIT */
/* How a rehearsal ends: its clone goes or is kept, its record is written, the journal is told. */
#include "rehearse/overlay.h"
#include "rehearse/private.h"
#include "state/rehearsal-left.h"

#include <signal.h>

static const char *verdict_of(const Rehearsal *r, int result)
{
    if (result == RESULT_DONE)
        return !r->plan || r->t.what ? REHEARSAL_NOTHING
               : r->not_rehearsed    ? REHEARSAL_PARTIAL
                                     : REHEARSAL_PASSED;
    return result == RESULT_FAILED ? REHEARSAL_FAILED : REHEARSAL_REFUSED;
}

static const char *method_of(const Rehearsal *r)
{
    static const char *const names[] = {[REHEARSAL_COPY] = "copy",
                                        [REHEARSAL_REFLINK] = "reflink",
                                        [REHEARSAL_SNAPSHOT] = "snapshot",
                                        [REHEARSAL_OVERLAY] = "overlay"};
    RehearsalMethod least = REHEARSAL_OVERLAY;

    /* Of several, what is worth the least. */
    for (size_t i = 0; i < r->session.run.n_places; i++)
        least = MIN(least, r->methods[i]);
    return names[least];
}

/* What the copy is worth, behind a verdict. Borrowed. */
static const char *worth_of(const Rehearsal *r)
{
    if (!r->methods)
        return "";
    if (r->live)
        return streq(method_of(r), "snapshot")
                   ? ". The state was in use: the snapshot is as after a power cut"
                   : ". The state was in use: its files were copied at different moments, so a "
                     "failure may come from that. Stop the service for a rehearsal to be trusted "
                     "(migratectl rehearse --stop)";
    if (r->changed)
        return ". Somebody changed the state meanwhile, so it may have been tried on what is of "
               "no single moment";
    return "";
}

static char *describe_end(const Rehearsal *r, int result)
{
    const char *name = r->session.run.log.service, *verdict = verdict_of(r, result);
    double seconds = (double)(time_now() - r->t.started) / 1e6;

    if (streq(verdict, REHEARSAL_NOTHING) || !r->plan)
        return strdup(r->t.what ? r->t.what : r->ending ? r->ending : "out of memory");
    if (result == RESULT_DONE)
        return strprintf("the migration of %s from %s to %s would succeed%s, in %.1f s%s", name,
                         r->plan->from ? r->plan->from : "nothing", r->plan->to,
                         r->not_rehearsed ? ", as far as it was rehearsed" : "", seconds,
                         worth_of(r));
    return strprintf("the migration of %s from %s to %s %s: %s%s", name,
                     r->plan->from ? r->plan->from : "nothing", r->plan->to,
                     result == RESULT_FAILED ? "would fail" : "was not rehearsed",
                     r->t.what ? r->t.what : "out of memory", worth_of(r));
}

static json_object *describe_staging(const Rehearsal *r)
{
    json_object *staging = json_object_new_object();
    uint64_t bytes = 0, files = 0, copied = 0;

    for (size_t i = 0; i < r->session.run.n_places; i++) {
        bytes += r->t.clones[i].total.bytes;
        files += r->t.clones[i].total.files;
        copied += r->t.clones[i].total.copied;
    }
    json_add_integer(staging, "duration", (int64_t)r->cloned_usec);
    json_add_integer(staging, "bytes", (int64_t)bytes);
    json_add_integer(staging, "files", (int64_t)files);
    json_add_integer(staging, "copied", (int64_t)copied);
    return staging;
}

/* What was not come to is "skipped". */
static json_object *describe_steps(const Rehearsal *r)
{
    size_t n = r->steps ? json_object_array_length(r->steps) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object *step = json_object_array_get_idx(r->steps, i);
        const Hooks *hooks = r->plan->steps[i].hooks;

        if (json_string(step, "result"))
            continue;
        json_add_string(step, "result", "skipped");
        json_add_string(step, "why",
                        !hooks         ? "nothing runs"
                        : i < r->n_run ? "not come to"
                                       : "acts outside of the state, or after what does");
    }
    return r->steps ? json_object_get(r->steps) : json_object_new_array();
}

static json_object *describe_all(const Rehearsal *r, int result, const char *what)
{
    _cleanup_free_ char *started = time_format(r->t.started ? r->t.started : time_now()),
                        *finished = time_format(time_now());
    const Run *run = &r->session.run;
    json_object *record = json_object_new_object();

    json_add_string(record, "service", run->log.service);
    json_add_string(record, "from", r->plan ? r->plan->from : r->from);
    json_add_string(record, "to",
                    r->plan            ? r->plan->to
                    : run->declaration ? run->declaration->version.value
                                       : NULL);
    json_add_string(record, "started", started);
    json_add_string(record, "finished", finished);
    json_add_integer(record, "duration", r->t.started ? (int64_t)(time_now() - r->t.started) : 0);
    json_add_string(record, "verdict", verdict_of(r, result));
    json_add_string(record, "what", what);
    json_object_object_add(record, "live", json_object_new_boolean(r->live));
    if (r->cloned_usec > 0) {
        json_add_string(record, "method", method_of(r));
        json_object_object_add(record, "staging", describe_staging(r));
        json_object_object_add(record, "changed", json_object_new_boolean(r->changed));
        json_add_integer(record, "synced", (int64_t)r->synced_usec);
    }
    json_object_object_add(record, "steps", describe_steps(r));
    json_object_object_add(record, "not_rehearsed", json_object_new_array());
    if (r->not_rehearsed)
        json_add_strv(record, "not_rehearsed", r->not_rehearsed);
    json_object_object_add(
        record, "space", r->space == UINT64_MAX ? NULL : json_object_new_int64((int64_t)r->space));
    json_add_string(record, "fingerprint", r->plan ? run->fingerprint.hex : NULL);
    json_add_string(record, "transaction", r->t.flight.id);
    return record;
}

/* The clone goes, unless somebody wants to look at it; ret_kept is where it is then. */
static int leave(Rehearsal *r, bool keep, char **ret_kept)
{
    const Run *run = &r->session.run;
    int e = 0;

    if (!r->cloned_usec)
        return 0;
    for (size_t i = 0; e == 0 && i < run->n_places; i++) {
        cleanup_close(&r->t.trees[i].fd);
        r->t.trees[i].fd = -1;
        if (r->methods[i] == REHEARSAL_OVERLAY)
            e = overlay_lift(run->places + i);
    }
    if (e == 0 && keep && run->places[0].clone) {
        e = rehearse_announce(r, true);
        if (e == 0)
            *ret_kept = strprintf("%s/%s%s", run->places[0].transaction, run->places[0].clone,
                                  r->methods[0] == REHEARSAL_OVERLAY ? ".upper" : "");
        return e;
    }
    return e == 0 ? rehearsal_drop_locked(run->store) : e;
}

static int write_down(const Rehearsal *r, int result, const char *what, const char *kept)
{
    _cleanup_json_ json_object *record = describe_all(r, result, what);

    if (!record)
        return -ENOMEM;
    json_object_object_add(record, "kept", kept ? json_object_new_string(kept) : NULL);
    json_object_object_add(record, "exit", json_object_new_int(result));
    return record_write(r->session.run.store, RECORD_REHEARSAL, record);
}

/* 0 or a negative errno: it could not be written down. */
static int tell(const Rehearsal *r, int result, const char *what, const char *kept)
{
    int e = write_down(r, result, what, kept);

    log_event(&r->session.run.log, result == RESULT_DONE ? LOG_NOTICE : LOG_ERR, MESSAGE_REHEARSED,
              result, "%s", what);
    return e;
}

/* Whoever ends it does not wait for long, as a system that is powered off: then what takes its time
 * comes last, and where it is cut off the next rehearsal, pruning or settling goes on with it. */
static int conclude(Rehearsal *r, int result, const char *what, char **ret_kept)
{
    bool first = canceled;
    int e = first ? tell(r, result, what, NULL) : 0, left;

    left = leave(r, r->keep && !first, ret_kept);
    if (left != 0)
        log_warning(&r->session.run.log,
                    "Its clone could not be removed yet: %s. The next rehearsal, or migratectl "
                    "prune, does that",
                    left == REHEARSAL_AWAY ? "a disk is missing" : strerror(-left));
    if (!first)
        return tell(r, result, what, *ret_kept);
    return e < 0 ? write_down(r, result, what, NULL) : 0; /* there may be room now */
}

int rehearse_report(Rehearsal *r, int result)
{
    const LogContext *log = &r->session.run.log;
    _cleanup_free_ char *what = NULL, *kept = NULL;
    int e;

    if (canceled == SIGUSR1 && result == RESULT_FAILED)
        result =
            transaction_fail(&r->t, strdup("a migration began, to which it gave way"), RESULT_BUSY);
    if (result == RESULT_APPROVAL || result == RESULT_ATTENTION)
        result = RESULT_REFUSED;
    what = describe_end(r, result);
    e = conclude(r, result, what ? what : "out of memory", &kept);
    STRV_FOREACH (sentence, r->not_rehearsed)
        log_info(log, "Not rehearsed: %s", *sentence);
    if (kept)
        log_info(log,
                 "What it has made of the state%s is in %s until the next rehearsal, or "
                 "migratectl prune",
                 r->methods[0] == REHEARSAL_OVERLAY
                     ? ", without what it has not touched (the upper layer of an overlay),"
                     : "",
                 kept);
    if (e < 0) {
        log_error(log, "This could not be written down in %s: %s", r->session.run.store->path,
                  strerror(-e));
        return result == RESULT_DONE ? RESULT_FAILED : result;
    }
    return result;
}

int rehearse_report_nothing(Rehearsal *r, char *what, int result)
{
    r->plan = NULL;
    return rehearse_report(r, transaction_fail(&r->t, what, result));
}

int rehearse_announce(const Rehearsal *r, bool kept)
{
    _cleanup_json_ json_object *record = json_object_new_object(), *former = NULL;
    _cleanup_strv_ char **bases = NULL;
    const Run *run = &r->session.run;

    /* What an earlier one has left on a disk that is not mounted now is not forgotten. */
    if (record_read(run->store, RECORD_REHEARSING, &former) == 0 &&
        json_strv(former, "bases", &bases) == -ENOMEM)
        return -ENOMEM;
    /* The store's own, too: rehearse/clone.c may have chosen it instead. */
    if (!strv_contains(bases, run->store->path) && strv_append(&bases, run->store->path) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        if (!strv_contains(bases, run->places[i].base) &&
            strv_append(&bases, run->places[i].base) < 0)
            return -ENOMEM;
    if (!record)
        return -ENOMEM;
    json_add_strv(record, "bases", bases);
    json_object_object_add(record, "kept", json_object_new_boolean(kept));
    return record_write(run->store, RECORD_REHEARSING, record);
}
