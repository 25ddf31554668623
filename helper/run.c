/* SPDX-License-Identifier: MIT */
/* From the open session to the transaction: what is pending, may it run, can it run? */
#include "adopt.h"
#include "inuse/inuse.h"
#include "permit/choose.h"
#include "permit/consent.h"
#include "permit/failed.h"
#include "permit/permit.h"
#include "relocate/former.h"
#include "restore/restore.h"
#include "script/progress.h"
#include "script/script.h"
#include "script/slots.h"
#include "session/session.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "transaction/init.h"
#include "transaction/remember.h"
#include "verbs.h"
#include "version/contact.h"
#include "version/readers.h"

#include <sys/file.h>

/* Takes a ROUTE_RESTORE, which is approved. A Result that has been logged. The places of the run
 * are no longer what is live then. */
static int take_backup(Run *run, const char *version, const Route *route)
{
    log_info(&run->log, "The state of %s is at %s, but %s is declared: %s", run->declaration->name,
             version, run->declaration->version.value, route->what);
    return restore_run(
        run, &(RestoreOrder){.id = route->backup, .untouched = route->lossless, .onwards = true});
}

static int run_from(Session *session, const char *version, bool detected, bool requested);

/* Where that is not the declared version yet, migrations go on from there. */
static int bring_back(Session *session, const char *version, const Route *route, bool requested)
{
    int r = consent_check_deferral(&session->run);

    if (r == RESULT_DONE)
        r = permit_restore(&session->run, version, route);
    if (r == RESULT_DONE)
        r = take_backup(&session->run, version, route);
    if (r != RESULT_DONE || declaration_accepts(session->run.declaration, route->version))
        return r;
    r = run_find_places(&session->run);
    return r == RESULT_DONE ? run_from(session, route->version, false, requested) : r;
}

/* Software of this version was let start on nothing, and has made its state; but what a part of it
 * lives in has no version yet, so none is recorded here. It goes on as it began. */
static bool is_waiting_for_host(const Run *run, const char *version, bool detected)
{
    _cleanup_free_ char *fresh = NULL;

    if (!detected || !streq(version, run->declaration->version.value) ||
        fresh_read(run->store, &fresh) < 0 || !fresh || !streq(fresh, version))
        return false;
    for (size_t i = 0; i < run->n_lodgings; i++)
        if (lodging_is_ready(run->lodgings + i) == 0) {
            log_info(&run->log,
                     "A part of %s lives in the state of %s, which has no stamp yet: %s goes on, "
                     "its version is recorded later",
                     run->declaration->name, run->lodgings[i].host, run->units[0]);
            return true;
        }
    return false;
}

/* The state is at version, which its stamps say or (detected) will have to say. */
static int run_from(Session *session, const char *version, bool detected, bool requested)
{
    Run *run = &session->run;
    const Declaration *declaration = run->declaration;
    _cleanup_(route_free) Route route = {};
    int r;

    if (is_waiting_for_host(run, version, detected))
        return RESULT_DONE;
    r = refuse_missing(run);
    if (r != RESULT_DONE)
        return r;
    if (streq(version, declaration->version.value) ||
        (!requested && declaration_accepts(declaration, version)) ||
        version_compare(version, declaration->version.value) == 0) {
        const char *spelling = version_compare(version, declaration->version.value) == 0
                                   ? declaration->version.value
                                   : version;

        if (!detected && !streq(version, spelling)) {
            r = permit_detected(run, version);
            if (r != RESULT_DONE)
                return r;
        }
        if (detected || !streq(version, spelling))
            return state_record(run, version, spelling,
                                detected ? ACTION_DETECTED : ACTION_SPELLING);
        log_info(&run->log, "The state of %s is at version %s: nothing to do", declaration->name,
                 version);
        readers_link(run, version);
        remember_run(run, version);
        return RESULT_DONE;
    }
    run->detected = detected;
    if (!detected && readers_allow(run, version))
        return RESULT_DONE;
    r = detected ? RESULT_DONE : permit_detected(run, version);
    if (r == RESULT_DONE)
        r = choose(run, version, &route);
    if (r != RESULT_DONE)
        return r;
    if (route.kind == ROUTE_RESTORE)
        return bring_back(session, version, &route, requested);
    r = permit_kept(session, &route.plan);
    if (r == RESULT_DONE)
        r = consent_check_deferral(run);
    if (r != RESULT_DONE)
        return r;
    consent_begin(run, &route.plan);
    /* With what a part lives in, only what is stamped can be put back: see lodging_stamp(). */
    if (detected && run->n_lodgings > 0)
        r = state_record(run, NULL, version, ACTION_DETECTED);
    if (r == RESULT_DONE)
        r = failed_check(run);
    if (r == RESULT_DONE)
        r = permit_plan(run, &route);
    if (r == RESULT_DONE)
        r = permit_slot(run);
    if (r == RESULT_DONE)
        r = permit_quiescence(run);
    if (r == RESULT_DONE && script_log_reset(run->store, false) < 0)
        log_warning(&run->log, "The log of the last attempt stays in %s", run->store->path);
    if (r == RESULT_DONE)
        r = permit_checks(run, &route.plan, false);
    return r == RESULT_DONE ? transaction_run(run, &route.plan) : r;
}

/* What other software was to migrate itself, and has not: back, where that is allowed. */
static int undo_self(Session *session, const char *version, const char *what)
{
    Run *run = &session->run;
    _cleanup_(route_free) Route route = {};
    int r = refuse_missing(run);

    if (r != RESULT_DONE)
        return r;
    r = choose(run, version, &route);
    if (r < 0 || route.kind != ROUTE_RESTORE)
        return refuse_contact(run, r < 0 ? r : CONTACT_SELF, what);
    return bring_back(session, version, &route, false);
}

static int refuse_marker(const Run *run)
{
    _cleanup_free_ char *next = strprintf("Type: rm %s/fresh=*; then: systemctl restart %s",
                                          run->store->path, run->units[0]);

    return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED,
                      "the marker of a fresh installation cannot be removed", next ? next : "");
}

/* Nobody is asked, whatever Policy= says: where nothing was, nothing can be lost. */
static int make_state(Session *session)
{
    Run *run = &session->run;
    _cleanup_(plan_free) Plan plan = {};
    int r;

    if (plan_init(run->declaration, &plan) < 0)
        return RESULT_FAILED;
    run->log.to = plan.to;
    consent_begin(run, &plan);
    r = consent_check_deferral(run);
    if (r == RESULT_DONE)
        r = refuse_unready(run);
    if (r == RESULT_DONE)
        r = failed_check(run);
    if (r == RESULT_DONE)
        r = permit_slot(run);
    if (r == RESULT_DONE)
        r = permit_quiescence(run);
    /* Before there was Init=, software may have been let start on nothing. */
    if (r == RESULT_DONE && fresh_write(run->store, NULL) < 0)
        r = refuse_marker(run);
    if (r == RESULT_DONE && script_log_reset(run->store, false) < 0)
        log_warning(&run->log, "The log of the last attempt stays in %s", run->store->path);
    if (r == RESULT_DONE)
        r = init_make_directories(run);
    if (r == RESULT_DONE)
        r = transaction_run(run, &plan);
    run->log.to = NULL; /* it is freed here */
    return r;
}

static int start_fresh(Session *session)
{
    int r;

    if (session->run.declaration->init.script.argv)
        return make_state(session);
    r = permit_quiescence(&session->run); /* software of another version may be about to write */
    return r == RESULT_DONE ? state_start_fresh(&session->run) : r;
}

static int run_session(Session *session, bool *requested)
{
    Run *run = &session->run;
    _cleanup_free_ char *version = NULL, *what = NULL;
    bool on_file = store_has(run->store, RECORD_REQUESTED);
    int r;

    /* A request is for this run only, however it ends. */
    *requested = *requested || on_file;
    if (on_file && record_remove(run->store, RECORD_REQUESTED) < 0)
        log_warning(&run->log, "Cannot remove %s/" RECORD_REQUESTED, run->store->path);
    if (!run->declaration->version.value) {
        log_info(&run->log, "%s declares no Version=, so there is nothing to do",
                 run->declaration->name);
        return RESULT_DONE;
    }
    r = former_take_over(session);
    if (r == RESULT_DONE)
        r = run_find_places(&session->run);
    if (r != RESULT_DONE)
        return r;
    r = contact_find(run, &version, &what);
    /* Stamps are there, so the marker that stood in for them must no longer open the gate. */
    if ((r == CONTACT_KNOWN || r == CONTACT_SELF || r == CONTACT_DISAGREE) &&
        fresh_write(run->store, NULL) < 0)
        return refuse_marker(run);
    switch (r) {
    case CONTACT_KNOWN:
    case CONTACT_DETECTED:
        run->log.from = version;
        run->log.to = run->declaration->version.value;
        r = run_from(session, version, r == CONTACT_DETECTED, *requested);
        run->log.from = NULL;
        return r;
    case CONTACT_FRESH:
        return start_fresh(session);
    case CONTACT_SELF:
        if (what)
            return undo_self(session, version, what);
        log_info(&run->log, "The software of %s migrates its state itself (%s): nothing to do",
                 run->declaration->name, version);
        return RESULT_DONE;
    default:
        return refuse_contact(run, r, what);
    }
}

/* From the lock to the end, or to RUN_WAIT. */
static int run_once(const char *name, bool *requested)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    if (r != RESULT_DONE)
        return r;
    r = run_session(&session, requested);
    if (r == RESULT_DONE)
        in_use_revive(session.run.declaration, &session.run.log);
    /* Whatever it was: no marker may open the gate that was just said to be closed. */
    if (r != RESULT_DONE && r != RUN_WAIT && fresh_close(&session.store) < 0)
        log_warning(&session.run.log, "Cannot rename fresh=* in %s", session.store.path);
    return r;
}

int verb_run(const char *name)
{
    const LogContext log = {.service = name};
    bool requested = false;
    int r;

    progress_begin("run", name);
    do
        r = run_once(name, &requested);
    /* Interrupted while it waited, it goes round once more: to say so. */
    while (r == RUN_WAIT && slots_take(&log, &canceled) <= 0);
    progress_result(r);
    progress_end();
    return r;
}

int verb_settle(const char *name)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    /* Without the lock, since it may take long and be of use to nobody who waits for that. */
    /* mutation: recover-rehearsal */
    if (session.store.fd >= 0 && r != RESULT_BUSY && flock(session.store.fd, LOCK_UN) == 0 &&
        rehearsal_drop(&session.store, false) < 0)
        log_warning(&session.run.log, "What a rehearsal has left in %s could not be removed",
                    session.store.path);
    /* What was in flight is settled even where the declaration is broken or gone. */
    return r == RESULT_INVALID || r == RESULT_REFUSED ? RESULT_DONE : r;
}
