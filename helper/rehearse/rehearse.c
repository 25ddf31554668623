/* SPDX-License-Identifier: MIT */
/* Rehearses a migration: runs it up to the swap on a clone of this machine's data, and then removes
 * the clone. The order:
 *
 *   begin    lock the rehearsal, and remove the clone of an earlier one
 *   find     find the state version, and the plan of a run
 *   judge    choose the steps to try: all before the first step that acts outside of the state
 *   clone    a snapshot, reflinks, an overlay or a copy of every directory
 *   try      run every Check=, then the script and Verify= of every step
 *   sync     write the clone to disk, and measure its space
 *   compare  check whether the original has changed meanwhile
 *   report   write STORE/rehearsal and one event; remove the clone, or keep it
 *
 * A rehearsal never writes to the state, to a stamp or to another record. It needs no approval, and
 * holds no slot and no lock for which others wait: a migration that begins ends the rehearsal
 * (state/rehearsal-left.h). It has a mount namespace of its own, so that no mount outlives it.
 */
#include "rehearse/rehearse.h"

#include "inuse/inuse.h"
#include "permit/permit.h"
#include "rehearse/private.h"
#include "script/progress.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>

static void rehearsal_free(Rehearsal *r)
{
    if (r->lock_fd >= 0)
        progress_end();
    transaction_free(&r->t);
    verdict_free(&r->verdict);
    session_close(&r->session);
    cleanup_close(&r->lock_fd);
    rehearsal_record_free(&r->record);
    free(r->methods);
    free(r->free_before);
    free(r->from);
    free(r->ending);
}

/* --- begin --------------------------------------------------------------------------------- */

static void give_way(int signal)
{
    canceled = signal;
}

/* Moves this process to a mount namespace of its own, so that mounts end with the process. With
 * MS_SLAVE, a disk that the system unmounts does not stay busy here. */
static int isolate(void)
{
    struct sigaction action = {.sa_handler = give_way};

    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return -errno;
    return sigaction(SIGUSR1, &action, NULL) < 0 ? -errno : 0;
}

/* Locks the rehearsal. The session still holds the lock of runs, so that no run can begin at the
 * same time. */
static int begin(const Session *session)
{
    Rehearsal *r = (Rehearsal *)session; /* the session is the first member */
    const LogContext *log = &session->run.log;
    int e = rehearsal_lock(&session->store, &r->lock_fd);

    if (e == 1) {
        log_event(log, LOG_ERR, NULL, RESULT_BUSY,
                  "Another rehearsal of %s is running. To see its progress, run: systemctl status "
                  "migrate-rehearse@%s",
                  log->service, log->service);
        return RESULT_BUSY;
    }
    if (e == 0) /* not before the lock, since another rehearsal may have this progress record */
        progress_begin("rehearse", log->service);
    if (e == 0)
        e = script_log_reset(&session->store, true);
    if (e == 0)
        return RESULT_DONE;
    log_event(log, LOG_ERR, NULL, RESULT_FAILED, "Cannot write to %s: %s", session->store.path,
              strerror(-e));
    return RESULT_FAILED;
}

/* Removes the clone of an earlier rehearsal. Runs without the lock of runs, since a removal may
 * take long. */
static int drop_former(Rehearsal *r)
{
    const Store *store = r->session.run.store;
    int e = rehearsal_drop_locked(store, true);

    if (e == 0)
        return RESULT_DONE;
    log_event(&r->session.run.log, e == REHEARSAL_AWAY ? LOG_WARNING : LOG_ERR, NULL,
              e == REHEARSAL_AWAY ? -1 : RESULT_FAILED,
              "Cannot remove the clone of an earlier rehearsal: %s. %s/" RECORD_REHEARSING
              " names its directory",
              e == REHEARSAL_AWAY ? "a disk is not mounted" : strerror(-e), store->path);
    return e == REHEARSAL_AWAY ? RESULT_DONE : RESULT_FAILED;
}

/* --- find ---------------------------------------------------------------------------------- */

static Result find_first_start(Rehearsal *r)
{
    const Run *run = &r->session.run;

    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd < 0)
            return rehearse_report_nothing(
                r,
                strprintf("'%s' does not exist, and a rehearsal does not make it. To rehearse "
                          "Init=, make the directory, with its owner",
                          run->places[i].directory),
                RESULT_REFUSED);
    r->plan = &r->verdict.route.plan;
    return RESULT_DONE;
}

/* Reports that nothing is tried: why (may be NULL) comes before the words of the verdict. */
static Result report(Rehearsal *r, const char *why, Result result)
{
    _cleanup_(words_free) Words words = {};
    int e = words_find(&r->session.run.facts, &r->verdict, &words);

    if (e == 0 && why)
        e = strreplacef(&words.sentence, "%s: %s", why, words.sentence);
    return e < 0 ? RESULT_FAILED : rehearse_report_nothing(r, TAKE_PTR(words.sentence), result);
}

/* Returns RESULT_DONE with a plan, or without a plan if the end was already reported; or another
 * Result. */
static Result act(Rehearsal *r)
{
    switch (r->verdict.outcome) {
    case OUTCOME_PENDING:
        r->plan = &r->verdict.route.plan;
        return RESULT_DONE;
    case OUTCOME_INIT:
        return find_first_start(r);
    case OUTCOME_UNDONE:
    case OUTCOME_REDONE:
    case OUTCOME_RESTORED:
        return report(r, "no script runs, so there is nothing to rehearse", RESULT_REFUSED);
    case OUTCOME_TAKEN_NAME:
    case OUTCOME_TAKEN_BACK:
    case OUTCOME_TAKEN_FROM:
    case OUTCOME_MOVING:
        return report(r, "the state cannot be rehearsed where it is", RESULT_REFUSED);
    default:
        return outcome_result(r->verdict.outcome) == RESULT_DONE
                   ? report(r, NULL, RESULT_DONE)
                   : run_refuse_verdict(&r->session.run, &r->verdict);
    }
}

static Result find(Rehearsal *r)
{
    Run *run = &r->session.run;
    int e;

    run->facts.agreed = run->facts.requested = true;
    e = run_look(run);
    /* A rehearsal does not write to the hosts, so they need not wait for its scripts. */
    for (size_t i = 0; i < run->n_lodgings; i++)
        lodging_unlock(run->lodgings + i);
    if (e == 0)
        e = run_judge(run, ASKS_VERSION, &r->verdict);
    if (e == 0 && r->verdict.version)
        e = strreplace(&r->from, r->verdict.version);
    return e < 0 ? run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-e))
                 : act(r);
}

/* --- try ----------------------------------------------------------------------------------- */

static int try_checks(Rehearsal *r)
{
    Transaction *t = &r->t;
    _cleanup_free_ char *what = NULL;
    int e = checks_run(t->run, t->plan, t->trees, false, &what);

    if (e == SCRIPT_SUCCESS)
        return 0;
    if (e == SCRIPT_CANCELED)
        return transaction_fail(t, RESULT_FAILED, "interrupted");
    return what ? transaction_fail_take(t, e == SCRIPT_NO_ROOM ? RESULT_REFUSED : RESULT_FAILED,
                                        TAKE_PTR(what))
                : transaction_check(t, e < 0 ? e : -ENOMEM, "cannot run Check=", NULL);
}

static void note_step(size_t i, Result result, uint64_t usec, void *userdata)
{
    Rehearsal *r = userdata;
    RehearsedStep *step = r->record.steps + i;

    step->result = result == RESULT_DONE ? STEP_SUCCEEDED : STEP_FAILED;
    step->duration = (int64_t)usec;
    if (result != RESULT_DONE)
        step->why = strdup(r->t.what);
    if (result == RESULT_DONE && rehearse_measure(r) != 0)
        r->unmeasured = true;
}

static int try_steps(Rehearsal *r)
{
    int e = try_checks(r);

    progress_on_tick(rehearse_sample, r);
    if (e == 0)
        e = steps_run(&r->t, r->n_run, note_step, r);
    progress_on_tick(NULL, NULL);
    if (e == 0 && r->unmeasured)
        return RESULT_FAILED;
    return e;
}

static int try_sync(Rehearsal *r)
{
    uint64_t begun = time_now();
    const char *path = "";
    int e;

    progress_enter(PROGRESS_SYNCING);
    e = script_sync(r->session.run.declaration, r->t.trees, r->session.run.n_places, &path);
    r->record.synced = (int64_t)(time_now() - begun);
    return transaction_check(&r->t, e, "cannot sync the migrated copy of", path);
}

/* --- the rehearsal ------------------------------------------------------------------------- */

/* Notes whether the state is in use. A state in use is rehearsed, too, and the report says how far
 * its clone can be trusted. */
static int look_who_uses_it(Rehearsal *r)
{
    const Run *run = &r->session.run;
    _cleanup_free_ char *what = NULL;
    int e = in_use_check(run->declaration, run->places, run->n_places, &what);

    r->record.live = e == IN_USE_BUSY;
    if (r->record.live)
        log_info(&run->log, "The rehearsal goes on although the state is in use: %s",
                 what ? what : "");
    return transaction_check(&r->t, e, "cannot find processes that use the state", NULL);
}

static int prepare(Rehearsal *r)
{
    Run *run = &r->session.run;
    Transaction *t = &r->t;

    run->fingerprint = run->facts.fingerprint;
    /* A rehearsal needs no approval, but an approval lifts CopyLimit=. */
    run->approved = r->verdict.approved;
    run->log.from = r->plan->from;
    run->log.to = r->plan->to;
    run->log.phase = "rehearsing";
    lodgings_free(run->lodgings, run->n_lodgings);
    run->lodgings = NULL;
    run->n_lodgings = 0;
    t->run = run;
    t->plan = r->plan;
    t->started = time_now();
    t->guests_fd = -1;
    t->protect = PROTECT_CLONE;
    return transaction_check(t, describe(t), "cannot begin the rehearsal", NULL);
}

static int rehearse(Rehearsal *r)
{
    int e = prepare(r);

    if (e == 0)
        e = rehearse_judge(r);
    if (e == 0 && r->t.what) /* rehearse_judge() has found no script to run */
        return rehearse_report(r, RESULT_DONE);
    if (e == 0)
        e = look_who_uses_it(r);
    if (e == 0)
        e = rehearse_clone(r);
    if (e == 0)
        e = try_steps(r);
    if (e == 0)
        e = try_sync(r);
    if (e == 0)
        e = rehearse_compare(r);
    return rehearse_report(r, e);
}

int verb_rehearse(char **arguments)
{
    const char *name = arguments[0], *keep = arguments[1];
    _cleanup_(rehearsal_free) Rehearsal r = {.session = {.store = STORE_NONE},
                                             .lock_fd = -1,
                                             .keep = keep != NULL,
                                             .record = REHEARSAL_RECORD_NEW,
                                             .t = {.guests_fd = -1, .flight = FLIGHT_NONE}};
    const LogContext log = {.service = name, .rehearsal = true, .ending = &r.ending};
    int e;

    if (keep && !streq(keep, "keep"))
        return RESULT_USAGE;
    e = isolate();
    if (e < 0) {
        log_event(&log, LOG_ERR, NULL, RESULT_FAILED,
                  "Cannot rehearse: cannot make a mount namespace: %s", strerror(-e));
        return RESULT_FAILED;
    }
    e = session_look(&r.session, name, &log, begin);
    if (r.lock_fd < 0) /* a migration or another rehearsal runs, and writes the record */
        return e;
    if (e == RESULT_DONE)
        e = drop_former(&r);
    if (e == RESULT_DONE)
        e = find(&r);
    if (e == RESULT_DONE && r.plan)
        return rehearse(&r);
    return e == RESULT_DONE || r.t.what ? e : rehearse_report(&r, e);
}
