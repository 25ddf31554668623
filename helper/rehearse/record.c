/* SPDX-License-Identifier: MIT */
/* Ends a rehearsal: removes or keeps its clone, and writes its record and the journal. */
#include "rehearse/private.h"
#include "state/rehearsal-left.h"

#include <signal.h>

Result rehearse_end(Rehearsal *r, char *what, Result result)
{
    free(r->t.what);
    r->t.what = what ? what : strdup("out of memory");
    return result;
}

static RehearsalVerdict verdict_of(const Rehearsal *r, int result)
{
    if (result == RESULT_DONE)
        return !r->plan || r->t.what     ? VERDICT_NOTHING
               : r->record.not_rehearsed ? VERDICT_PARTIAL
                                         : VERDICT_PASSED;
    return result == RESULT_FAILED ? VERDICT_FAILED : VERDICT_REFUSED;
}

/* Returns the method of a directory's clone; of several methods, the one that proves least. */
static RehearsalMethod method_of(const Rehearsal *r)
{
    RehearsalMethod least = REHEARSAL_OVERLAY;

    for (size_t i = 0; i < r->session.run.n_places; i++)
        least = MIN(least, r->methods[i]);
    return least;
}

/* Returns a clause about how far the clone can be trusted, which follows the verdict. The string is
 * constant. */
static const char *worth_of(const Rehearsal *r)
{
    if (!r->methods)
        return "";
    if (r->record.live)
        return method_of(r) == REHEARSAL_SNAPSHOT
                   ? ". The state was in use: the snapshot is as after a power cut"
                   : ". The state was in use: its files were copied at different moments, so a "
                     "failure may come from that. To rehearse with the service stopped, run: "
                     "migratectl rehearse --stop";
    if (r->record.changed)
        return ". The state has changed meanwhile, so its files may have been copied at different "
               "moments";
    return "";
}

static char *describe_end(const Rehearsal *r, int result)
{
    const char *name = r->session.run.log.service;
    double seconds = (double)(time_now() - r->t.started) / 1e6;

    if (verdict_of(r, result) == VERDICT_NOTHING || !r->plan)
        return strdup(r->t.what ? r->t.what : r->ending ? r->ending : "out of memory");
    if (result == RESULT_DONE)
        return strprintf("the migration of %s from %s to %s would succeed%s, in %.1f s%s", name,
                         r->plan->from ? r->plan->from : "nothing", r->plan->to,
                         r->record.not_rehearsed ? ", as far as it was rehearsed" : "", seconds,
                         worth_of(r));
    return strprintf("the migration of %s from %s to %s %s: %s%s", name,
                     r->plan->from ? r->plan->from : "nothing", r->plan->to,
                     result == RESULT_FAILED ? "would fail" : "was not rehearsed",
                     r->t.what ? r->t.what : "out of memory", worth_of(r));
}

static int describe_staging(Rehearsal *r)
{
    RehearsalStaging *staging = calloc(1, sizeof(RehearsalStaging));

    if (!staging)
        return -ENOMEM;
    staging->duration = (int64_t)r->cloned_usec;
    for (size_t i = 0; i < r->session.run.n_places; i++) {
        staging->bytes += (int64_t)r->t.clones[i].total.bytes;
        staging->files += (int64_t)r->t.clones[i].total.files;
        staging->copied += (int64_t)r->t.clones[i].total.copied;
    }
    free(r->record.staging);
    r->record.staging = staging;
    r->record.method = method_of(r);
    r->record.synced = MAX(r->record.synced, 0);
    return 0;
}

static int describe_skipped(Rehearsal *r)
{
    for (size_t i = 0; i < r->record.n_steps; i++) {
        RehearsedStep *step = r->record.steps + i;

        if (step->result != STEP_UNTOLD)
            continue;
        step->result = STEP_SKIPPED;
        step->why = strdup(!r->plan->steps[i].hooks ? "nothing runs"
                           : i < r->n_run           ? "not reached"
                                                    : "it, or a step before it, acts outside "
                                                      "of the state");
        if (!step->why)
            return -ENOMEM;
    }
    return 0;
}

static int describe_all(Rehearsal *r, int result, const char *what, const char *kept)
{
    _cleanup_free_ char *started = time_format(r->t.started ? r->t.started : time_now()),
                        *finished = time_format(time_now());
    const Run *run = &r->session.run;
    RehearsalRecord *record = &r->record;
    const char *declared = run->declaration ? run->declaration->version.value : NULL;
    const StringValue strings[] = {{&record->service, run->log.service},
                                   {&record->from, r->plan ? r->plan->from : r->from},
                                   {&record->to, r->plan ? r->plan->to : declared},
                                   {&record->started, started},
                                   {&record->finished, finished},
                                   {&record->what, what},
                                   {&record->fingerprint, r->plan ? run->fingerprint.hex : NULL},
                                   {&record->transaction, r->t.flight.id},
                                   {&record->kept, kept}};
    int e = started && finished ? 0 : -ENOMEM;

    if (e == 0)
        e = strreplace_all(strings, ELEMENTSOF(strings));
    if (e == 0 && r->cloned_usec > 0)
        e = describe_staging(r);
    if (e == 0 && r->plan)
        e = describe_skipped(r);
    record->duration = r->t.started ? (int64_t)(time_now() - r->t.started) : 0;
    record->verdict = verdict_of(r, result);
    record->exit = result;
    return e;
}

/* *ret_kept: the path of a clone that is kept. */
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
    return e == 0 ? rehearsal_drop_locked(run->store, true) : e;
}

static int write_down(Rehearsal *r, int result, const char *what, const char *kept)
{
    int e = describe_all(r, result, what, kept);

    return e == 0 ? rehearsal_record_write(r->session.run.store, RECORD_REHEARSAL, &r->record) : e;
}

/* Returns 0, or a negative errno if the record could not be written. */
static int tell(Rehearsal *r, int result, const char *what, const char *kept)
{
    int e = write_down(r, result, what, kept);

    log_event(&r->session.run.log, result == RESULT_DONE ? LOG_NOTICE : LOG_ERR, MESSAGE_REHEARSED,
              result, "%s", what);
    return e;
}

/* Removes or keeps the clone, and reports. A rehearsal that is stopped, for example by a shutdown,
 * may have little time, so the removal comes last; the next rehearsal, prune or run finishes a
 * removal that was cut off. */
static int conclude(Rehearsal *r, int result, const char *what, char **ret_kept)
{
    bool first = canceled;
    int e = first ? tell(r, result, what, NULL) : 0, left;

    left = leave(r, r->keep && !first, ret_kept);
    if (left != 0)
        log_warning(&r->session.run.log,
                    "Cannot remove the clone of the rehearsal: %s. The next rehearsal will remove "
                    "it. To remove it now, run: migratectl prune",
                    left == REHEARSAL_AWAY ? "a disk is missing" : strerror(-left));
    if (!first)
        return tell(r, result, what, *ret_kept);
    return e < 0 ? write_down(r, result, what, NULL) : 0; /* the removal may have made room for the
                                                           * record */
}

int rehearse_report(Rehearsal *r, int result)
{
    const LogContext *log = &r->session.run.log;
    _cleanup_free_ char *what = NULL, *kept = NULL;
    int e;

    if (canceled == SIGUSR1 && result == RESULT_FAILED)
        result = transaction_fail(&r->t, RESULT_BUSY, "a migration began, and had precedence");
    if (result == RESULT_APPROVAL || result == RESULT_ATTENTION)
        result = RESULT_REFUSED;
    what = describe_end(r, result);
    e = conclude(r, result, what ? what : "out of memory", &kept);
    STRV_FOREACH (sentence, r->record.not_rehearsed)
        log_info(log, "Not rehearsed: %s", *sentence);
    if (kept)
        log_info(
            log,
            "The clone is kept in %s%s until the next rehearsal. To remove it, run: migratectl "
            "prune",
            kept,
            r->methods[0] == REHEARSAL_OVERLAY
                ? " (the upper layer of an overlay: only files that have changed)"
                : "");
    if (e < 0) {
        log_error(log, "Cannot write the record of the rehearsal in %s: %s",
                  r->session.run.store->path, strerror(-e));
        return result == RESULT_DONE ? RESULT_FAILED : result;
    }
    return result;
}

int rehearse_report_nothing(Rehearsal *r, char *what, int result)
{
    r->plan = NULL;
    return rehearse_report(r, rehearse_end(r, what, result));
}

int rehearse_announce(const Rehearsal *r, bool kept)
{
    _cleanup_(rehearsing_record_free) RehearsingRecord record = {};
    const Run *run = &r->session.run;

    /* An earlier rehearsal may have left a clone on a disk that is not mounted now. */
    if (rehearsing_record_read(run->store, RECORD_REHEARSING, &record) == -ENOMEM)
        return -ENOMEM;
    /* The store is listed, too, since rehearse/clone.c may choose it for an upper layer. */
    if (strv_append_once(&record.bases, run->store->path) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        if (strv_append_once(&record.bases, run->places[i].base) < 0)
            return -ENOMEM;
    record.kept = kept;
    return rehearsing_record_write(run->store, RECORD_REHEARSING, &record);
}
