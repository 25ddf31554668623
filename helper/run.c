/* SPDX-License-Identifier: MIT */
/* From the open session to the transaction: what is pending, may it run, can it run? */
#include "adopt.h"
#include "applied.h"
#include "attempt.h"
#include "backup.h"
#include "choose.h"
#include "consent.h"
#include "contact.h"
#include "detect.h"
#include "former.h"
#include "init.h"
#include "place-tree.h"
#include "quiesce.h"
#include "readers.h"
#include "remember.h"
#include "restore.h"
#include "script.h"
#include "slots.h"
#include "software.h"
#include "space.h"
#include "stage.h"
#include "verbs.h"

#include <systemd/sd-daemon.h>

void run_say_untouched(const Run *run, Result result, const char *next)
{
    const char *unit = run->units[0], *directory = run->where;

    if (run->check_only || result == RESULT_BUSY) /* the service may well be running */
        log_error(&run->log, "Nothing was stopped, the data in %s is untouched. %s", directory,
                  next);
    else if (run->log.from && declaration_accepts(run->declaration, run->log.from))
        log_error(&run->log, "The data in %s is untouched, and %s may start on it as it is. %s",
                  directory, unit, next);
    else
        log_error(&run->log, "The data in %s is untouched; %s stays down. %s", directory, unit,
                  next);
}

int run_refuse(const Run *run, Result result, const char *message_id, const char *what,
               const char *next)
{
    log_event(&run->log, LOG_ERR, message_id, result, "%s is not migrated: %s",
              run->declaration->name, what);
    run_say_untouched(run, result, next);
    return result;
}

/* Kept scripts run as whom they were declared to, where the declaration in force says nothing else.
 */
static int complete_declaration(Session *session, const Plan *plan)
{
    const Run *run = &session->run;
    int r = applied_complete(run->store, plan,
                             declarations_find(&session->declarations, run->declaration->name));

    return r == 0 ? RESULT_DONE
                  : run_refuse(run, RESULT_FAILED, MESSAGE_FAILED,
                               "what was kept of the way back cannot be read",
                               "Look into " STORE_DIRECTORY);
}

static int drop_from_base(const Run *run, const char *base, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, run->store, base);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = stage_remove(fd, id);
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

/* Drops what a failed attempt left for inspection, wherever that was: what is declared may be
 * another by now. */
int run_drop_failed(const Run *run, json_object *failed)
{
    json_object *places = json_array(failed, "places");
    const char *id = json_string(failed, "id");
    size_t n = places ? json_object_array_length(places) : 0;
    int r = 0;

    if (!place_name_is_valid(id))
        return record_remove(run->store, RECORD_FAILED);
    for (size_t i = 0; r == 0 && i <= n; i++) {
        const char *base =
            i == n ? run->store->path : json_string(json_object_array_get_idx(places, i), "base");

        if (place_base_is_valid(base, run->store))
            r = drop_from_base(run, base, id);
    }
    return r < 0 ? r : record_remove(run->store, RECORD_FAILED);
}

/* A failure is not repeated blindly: the declaration or a script must have changed, or somebody
 * said "retry". */
static int check_failed(const Run *run)
{
    uint64_t fingerprint = run->fingerprint;
    _cleanup_json_ json_object *failed = NULL;
    int r;

    r = record_read(run->store, RECORD_FAILED, &failed);
    if (r == 1) {
        if (interruption_count(run->store, fingerprint) < INTERRUPTIONS_MAX)
            return RESULT_DONE;
        _cleanup_free_ char *next = strprintf("See the journal why, then type: migratectl retry %s",
                                              run->declaration->name);

        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED,
                          "it was interrupted three times in a row", next ? next : "");
    }
    /* Not knowing whether it has failed is no reason to repeat it. */
    if (r < 0 && r != -EBADMSG)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, strerror(-r),
                          "The record of the last attempt could not be read. Try again");
    if (r == 0 && json_integer(failed, "retry") == 0 &&
        fingerprint_parse(json_string(failed, "fingerprint")) == fingerprint) {
        const char *reason = json_string(failed, "reason"),
                   *finished = json_string(failed, "finished");
        _cleanup_free_ char *what = strprintf("it failed on %s and nothing has changed since: %s",
                                              finished ? finished : "?", reason ? reason : "?");
        _cleanup_free_ char *next =
            strprintf("Mend the cause, then type: migratectl retry %s", run->declaration->name);

        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, what ? what : "it failed before",
                          next ? next : "");
    }
    r = r == 0 ? run_drop_failed(run, failed) : record_remove(run->store, RECORD_FAILED);
    if (r < 0)
        log_warning(&run->log, "The clone of the last attempt could not be removed: %s",
                    strerror(-r));
    return RESULT_DONE;
}

/* As a result of what is between the open session and the transaction: no slot is free. */
#define RUN_WAIT (-EAGAIN)

/* Nothing is held while others work, neither the lock nor what was read: whoever waits decides anew
 * behind it, on what is there by then. */
static int check_slot(const Run *run)
{
    if (canceled)
        return run_refuse(run, RESULT_FAILED, MESSAGE_INTERRUPTED, "interrupted",
                          "It is tried again at the next start");
    return slots_try(&run->log) == 0 ? RESULT_DONE : RUN_WAIT;
}

/* What has to be copied needs consent, too, so that all reasons are told at once. */
static int check_consent(Run *run, const Route *route)
{
    _cleanup_free_ char *what = NULL, *next = NULL, *extra = NULL;
    _cleanup_strv_ char **reasons = NULL;
    int fits, r = route->reason ? route_extra(route, &extra) : 0;

    if (r == 0 && route->reason)
        r = strv_append(&reasons, route->reason);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, strerror(-r), "Try again");
    fits = space_check(run, &reasons, &what, &next);
    r = canceled ? RESULT_DONE : consent_check(run, &route->plan, extra, reasons);
    if (r != RESULT_DONE || fits == RESULT_DONE)
        return r;
    return run_refuse(run, fits, MESSAGE_FAILED, what ? what : "out of memory", next ? next : "");
}

/* Nothing is cloned, and no script runs: a swap that loses nothing has nobody to ask. */
static int check_consent_to_restore(Run *run, const char *version, const Route *route)
{
    Plan plan = {.from = (char *)version, .to = route->version};
    _cleanup_strv_ char **reasons = NULL;
    _cleanup_free_ char *extra = NULL;
    int r = route->reason ? route_extra(route, &extra) : 0;

    if (r == 0 && route->reason)
        r = strv_append(&reasons, route->reason);
    if (r == 0 && route->reason)
        r = restore_name_guests(run, route->backup, &reasons);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, strerror(-r), "Try again");
    consent_begin(run, &plan);
    return route->reason ? consent_check(run, &plan, extra, reasons) : RESULT_DONE;
}

static int check_quiescence(const Run *run)
{
    _cleanup_free_ char *what = NULL, *next = NULL;
    int r;

    r = quiesce_check(run->declaration, run->places, run->n_places, &what);
    if (r == QUIESCE_IDLE)
        return RESULT_DONE;
    next = strprintf("Once nobody uses it, type: systemctl restart %s", run->units[0]);
    return run_refuse(run, RESULT_BUSY, MESSAGE_BUSY, what ? what : strerror(-r), next ? next : "");
}

/* Check= on the original, before anything is cloned: what it writes is thrown away. */
static int run_checks(const Run *run, const Plan *plan, bool live)
{
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places, sizeof(SandboxTree));
    _cleanup_free_ char *software = NULL;

    if (!trees || (plan->from && software_read(run->store, plan->from, &software) < 0))
        return RESULT_FAILED;
    for (size_t i = 0; i < run->n_places; i++)
        trees[i] = place_tree(run->places + i, run->places[i].fd);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;
        _cleanup_free_ char *what = NULL;
        int r;

        if (!step->hooks || !step->hooks->check.argv)
            continue;
        sd_notifyf(0, "STATUS=Checking step %zu of %zu", i + 1, plan->n_steps);
        r = script_run(&(ScriptContext){.declaration = run->declaration,
                                        .store = run->store,
                                        .log = &run->log,
                                        .trees = trees,
                                        .n_trees = run->n_places,
                                        .from_software = software,
                                        .cancel = &canceled},
                       &(ScriptCall){.command = &step->hooks->check,
                                     .key = "Check",
                                     .from = step->from,
                                     .to = step->to,
                                     .timeout_usec = step->hooks->timeout_usec,
                                     .access = live ? SANDBOX_READ_ONLY : SANDBOX_THROWAWAY,
                                     .open = live,
                                     .check_only = run->check_only},
                       NULL, NULL, &what);
        if (r == SCRIPT_SUCCESS)
            continue;
        if (r == SCRIPT_CANCELED)
            return run_refuse(run, RESULT_FAILED, MESSAGE_INTERRUPTED, "interrupted",
                              "It is tried again at the next start");
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, what ? what : strerror(-r),
                          "Nothing was cloned. Mend what the check found, then start again");
    }
    return RESULT_DONE;
}

static int run_from(Session *session, const char *version, bool detected, bool requested);

/* There is data, so every directory of the state must be there. */
static int refuse_missing(const Run *run)
{
    for (size_t i = 0; i < run->n_places; i++) {
        _cleanup_free_ char *what = NULL;

        if (run->places[i].fd >= 0)
            continue;
        what = strprintf(
            "'%s' is missing, although there is data in other directories of the state: is a "
            "disk not mounted?",
            run->places[i].directory);
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED,
                          what ? what : "a directory is missing",
                          "Bring it back, or make an empty one if it never was there");
    }
    return adopt_refuse_unready(run);
}

/* Says why the version of the state cannot be told; r is a Contact or a negative errno. */
static int refuse_contact(const Run *run, int r, const char *what)
{
    if (r == CONTACT_DISAGREE)
        return run_refuse(run, RESULT_ATTENTION, MESSAGE_ATTENTION, what, "");
    if (r == CONTACT_REFUSED || r == CONTACT_SELF)
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED, what, "");
    return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, strerror(-r),
                      "The state could not be looked at. Try again");
}

/* Before anything is done with the state that its stamp speaks of: does the data say the same? */
static int check_detected(const Run *run, const char *version)
{
    _cleanup_free_ char *what = NULL;
    int r = detect_confirm(run, version, &what);

    if (r == RESULT_DONE)
        return r;
    return run_refuse(run, r, r == RESULT_REFUSED ? MESSAGE_REFUSED : MESSAGE_FAILED,
                      what ? what : "out of memory", "");
}

/* Where that is not the declared version yet, migrations go on from there. */
static int bring_back(Session *session, const char *version, const Route *route, bool requested)
{
    int r = consent_check_deferral(&session->run);

    if (r == RESULT_DONE)
        r = check_consent_to_restore(&session->run, version, route);
    if (r == RESULT_DONE)
        r = choose_restore(&session->run, version, route);
    if (r != RESULT_DONE || declaration_accepts(session->run.declaration, route->version))
        return r;
    r = session_find_places(session);
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
            r = check_detected(run, version);
            if (r != RESULT_DONE)
                return r;
        }
        if (detected || !streq(version, spelling))
            return state_record(run, version, spelling, detected ? "detected" : "another spelling");
        log_info(&run->log, "The state of %s is at version %s: nothing to do", declaration->name,
                 version);
        readers_link(run, version);
        remember_run(run, version);
        return RESULT_DONE;
    }
    run->detected = detected;
    if (!detected && readers_allow(run, version))
        return RESULT_DONE;
    r = detected ? RESULT_DONE : check_detected(run, version);
    if (r == RESULT_DONE)
        r = choose(run, version, &route);
    if (r != RESULT_DONE)
        return r;
    if (route.kind == ROUTE_RESTORE)
        return bring_back(session, version, &route, requested);
    r = complete_declaration(session, &route.plan);
    if (r == RESULT_DONE)
        r = consent_check_deferral(run);
    if (r != RESULT_DONE)
        return r;
    consent_begin(run, &route.plan);
    /* With what a part lives in, only what is stamped can be put back: see lodging_stamp(). */
    if (detected && run->n_lodgings > 0)
        r = state_record(run, NULL, version, "detected");
    if (r == RESULT_DONE)
        r = check_failed(run);
    if (r == RESULT_DONE)
        r = check_consent(run, &route);
    if (r == RESULT_DONE)
        r = check_slot(run);
    if (r == RESULT_DONE)
        r = check_quiescence(run);
    if (r == RESULT_DONE && script_log_reset(run->store) < 0)
        log_warning(&run->log, "The log of the last attempt stays in %s", run->store->path);
    if (r == RESULT_DONE)
        r = run_checks(run, &route.plan, false);
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
    r = route_choose(NULL, run->declaration, run->store, version, &route);
    if (r < 0 || route.kind != ROUTE_RESTORE)
        return refuse_contact(run, r < 0 ? r : CONTACT_SELF, what);
    return bring_back(session, version, &route, false);
}

static int refuse_marker(const Run *run)
{
    return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED,
                      "the marker of a fresh installation cannot be removed",
                      "Mend that, or remove fresh=* from " STORE_DIRECTORY);
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
        r = adopt_refuse_unready(run);
    if (r == RESULT_DONE)
        r = check_failed(run);
    if (r == RESULT_DONE)
        r = check_slot(run);
    if (r == RESULT_DONE)
        r = check_quiescence(run);
    /* Before there was Init=, software may have been let start on nothing. */
    if (r == RESULT_DONE && fresh_write(run->store, NULL) < 0)
        r = refuse_marker(run);
    if (r == RESULT_DONE && script_log_reset(run->store) < 0)
        log_warning(&run->log, "The log of the last attempt stays in %s", run->store->path);
    if (r == RESULT_DONE)
        r = init_make_directories(session);
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
    r = check_quiescence(&session->run); /* software of another version may be about to write */
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
        r = session_find_places(session);
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
        quiesce_revive(session.run.declaration, &session.run.log);
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

    do
        r = run_once(name, &requested);
    /* Interrupted while it waited, it goes round once more: to say so. */
    while (r == RUN_WAIT && slots_take(&log, &canceled) <= 0);
    return r;
}

int verb_settle(const char *name)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    /* What was in flight is settled even where the declaration is broken or gone. */
    return r == RESULT_INVALID || r == RESULT_REFUSED ? RESULT_DONE : r;
}

int verb_check(const char *name)
{
    _cleanup_(session_close) Session session;
    _cleanup_free_ char *version = NULL, *what = NULL;
    _cleanup_(route_free) Route route = {};
    Run *run = &session.run;
    int r = session_open(&session, name), consent;

    if (r != RESULT_DONE || !run->declaration->version.value)
        return r;
    run->check_only = true;
    r = session_find_places(&session);
    if (r != RESULT_DONE)
        return r;
    r = contact_find(run, &version, &what);
    if (r == CONTACT_FRESH || (r == CONTACT_SELF && !what))
        return RESULT_DONE;
    if (r != CONTACT_KNOWN && r != CONTACT_DETECTED)
        return refuse_contact(run, r, what);
    if (r == CONTACT_KNOWN)
        r = check_detected(run, version);
    else
        r = RESULT_DONE;
    if (r == RESULT_DONE)
        r = refuse_missing(run);
    if (r != RESULT_DONE)
        return r;
    if (version_compare(version, run->declaration->version.value) == 0 ||
        readers_allow(run, version))
        return RESULT_DONE;
    r = choose(run, version, &route);
    if (r != RESULT_DONE)
        return r;
    if (route.kind == ROUTE_RESTORE)
        return check_consent_to_restore(run, version, &route);
    r = complete_declaration(&session, &route.plan);
    if (r != RESULT_DONE)
        return r;
    consent_begin(run, &route.plan);
    consent = check_consent(run, &route);
    if (consent != RESULT_DONE && consent != RESULT_APPROVAL)
        return consent;
    free(what);
    what = NULL;
    /* Who is to approve it wants to know whether it can run. */
    r = run_checks(run, &route.plan,
                   quiesce_check(run->declaration, run->places, run->n_places, &what) ==
                       QUIESCE_BUSY);
    return r == RESULT_DONE ? consent : r;
}
