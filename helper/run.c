/* SPDX-License-Identifier: MIT */
/* Leads from the open session to the transaction: finds which migration is pending, whether it may
 * run, and whether it can run. */
#include "adopt.h"
#include "inuse/inuse.h"
#include "permit/permit.h"
#include "relocate/relocate.h"
#include "restore/restore.h"
#include "script/progress.h"
#include "script/script.h"
#include "script/slots.h"
#include "session/session.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "store/consent.h"
#include "store/provisional.h"
#include "system/bus.h"
#include "transaction/conclude.h"
#include "transaction/transaction.h"
#include "verbs.h"
#include "version/version.h"

#include <sys/file.h>
#include <systemd/sd-daemon.h>

/* The space is checked together with the version, so that all reasons for an approval are reported
 * at once. */
#define ASKS_FIRST (ASKS_VERSION | ASKS_SPACE)

/* The number of times that one run judges a state: again after each take-over or restore. */
#define ROUNDS_MAX 64

static void say_consent(const Run *run, const Verdict *verdict)
{
    const Facts *facts = &run->facts;
    _cleanup_free_ char *expired = verdict->reasons ? words_expired(facts, verdict) : NULL,
                        *who = NULL;

    if (expired)
        log_warning(&run->log, "%s: %s", run->declaration->name, expired);
    if (verdict->approved && !verdict->declared_approval)
        who = operator_describe(&facts->approval.operator);
    if (who)
        log_info(&run->log, "Approved by %s", who);
    if (facts->has_deferral && !facts->deferred)
        log_info(&run->log, "The migration of %s was deferred until %s, which is over",
                 run->declaration->name, facts->deferral.until);
}

static int refuse_marker(Run *run)
{
    return run_refuse(run, RESULT_FAILED, "the marker of a fresh installation cannot be removed");
}

static void begin_log(Run *run)
{
    if (script_log_reset(run->store, false) < 0)
        log_warning(&run->log, "The log of the last attempt stays in %s", run->store->path);
}

/* Decides again, with more facts. Returns RESULT_DONE if the migration may go on, or another
 * Result, which was logged. */
static int judge_again(Run *run, unsigned asks, Verdict *verdict)
{
    int r;

    verdict_free(verdict);
    r = run_judge(run, ASKS_FIRST | asks, verdict);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot decide what to do: %s", strerror(-r));
    return outcome_is_pending(verdict->outcome) || verdict->outcome == OUTCOME_FRESH
               ? RESULT_DONE
               : run_refuse_verdict(run, verdict);
}

static void drop_failed(const Run *run)
{
    int r = run->facts.has_failed                  ? failed_drop(run, &run->facts.failed)
            : store_has(run->store, RECORD_FAILED) ? record_remove(run->store, RECORD_FAILED)
                                                   : 0;

    if (r < 0)
        log_warning(&run->log, "The clone of the last attempt could not be removed: %s",
                    strerror(-r));
}

static int migrate(Run *run, Verdict *verdict)
{
    int r = RESULT_DONE;

    say_consent(run, verdict);
    /* Without an earlier host stamp, recovery could not tell whether the host still has the same
     * data: see lodging_stamp(). */
    if (verdict->assumed && run->n_lodgings > 0)
        r = state_record(run, NULL, verdict->version, ACTION_DETECTED);
    if (r != RESULT_DONE)
        return r;
    drop_failed(run);
    r = permit_slot(run);
    if (r == RESULT_DONE)
        r = judge_again(run, ASKS_IN_USE, verdict);
    if (r != RESULT_DONE)
        return r;
    begin_log(run);
    r = judge_again(run, ASKS_IN_USE | ASKS_CHECKS, verdict);
    if (r != RESULT_DONE)
        return r;
    run->fingerprint = run->facts.fingerprint;
    run->approved = verdict->approved;
    return transaction_run(run, &verdict->route.plan);
}

static int make_state(Run *run, Verdict *verdict)
{
    int r;

    run->log.to = run->declaration->version.value;
    drop_failed(run);
    r = permit_slot(run);
    if (r == RESULT_DONE)
        r = judge_again(run, ASKS_IN_USE, verdict);
    /* The marker of a fresh start may be from before Init= was declared. */
    if (r == RESULT_DONE && fresh_write(run->store, NULL) < 0)
        r = refuse_marker(run);
    if (r != RESULT_DONE)
        return r;
    begin_log(run);
    run->fingerprint = run->facts.fingerprint;
    run->approved = false;
    r = init_make_directories(run);
    return r == RESULT_DONE ? transaction_run(run, &verdict->route.plan) : r;
}

static void say(const Run *run, const Verdict *verdict)
{
    _cleanup_(words_free) Words words = {};

    if (words_find(&run->facts, verdict, &words) == 0)
        log_info(&run->log, "%s: %s", run->declaration->name, words.sentence);
}

/* Sets *ret_again if the restored state must be migrated afterwards. */
static int bring_back(Run *run, const Verdict *verdict, bool *ret_again)
{
    const Route *route = &verdict->route;

    say_consent(run, verdict);
    say(run, verdict);
    *ret_again = !declaration_accepts(run->declaration, route->version);
    return restore_run(run, &(RestoreOrder){.id = route->backup,
                                            .untouched = route->lossless,
                                            .unasked = !route->lossless && !route->asks_consent,
                                            .onwards = true});
}

static int record(Run *run, const Verdict *verdict)
{
    const char *declared = run->declaration->version.value, *version = verdict->version;
    int r = state_remember_mounts(run, false);

    if (r < 0)
        return state_refuse_mounts(run, r);
    return state_record(run, version, version_compare(version, declared) == 0 ? declared : version,
                        verdict->assumed ? ACTION_DETECTED : ACTION_SPELLING);
}

static int leave(Run *run, const Verdict *verdict)
{
    int r = 0;

    say(run, verdict);
    if (verdict->accepted)
        stamps_link_readers(run, verdict->version);
    if (verdict->outcome == OUTCOME_HOST_LATER || !version_is_valid(verdict->version))
        return RESULT_DONE;
    if (!run->facts.has_known)
        r = state_remember_mounts(run, false);
    if (r < 0) /* last-seen stays missing, so the next start tries again */
        log_warning(&run->log, "Cannot record the mount points of %s in %s: %s",
                    run->declaration->name, run->store->path, strerror(-r));
    else
        remember_run(run, verdict->version);
    return RESULT_DONE;
}

/* Records the version that Detect= has found. Detect= agreed with each stamp when it was written, so
 * software has changed the data since. */
static int record_overtaken(Run *run, const Verdict *verdict)
{
    say(run, verdict);
    return state_record(run, verdict->version, run->facts.confirm.version, ACTION_DETECTED);
}

static int act(Session *session, Verdict *verdict, bool *ret_again)
{
    Run *run = &session->run;
    int r;

    switch (verdict->outcome) {
    case OUTCOME_TAKEN_NAME:
    case OUTCOME_TAKEN_BACK:
    case OUTCOME_TAKEN_FROM:
    case OUTCOME_MOVING:
        r = former_take_over(session);
        *ret_again = r == RESULT_DONE;
        return r;
    case OUTCOME_CURRENT:
    case OUTCOME_ACCEPTED:
    case OUTCOME_ACCEPTED_STUCK:
    case OUTCOME_ACCEPTED_FAILED:
    case OUTCOME_READABLE:
    case OUTCOME_SELF:
    case OUTCOME_SELF_BEGUN:
    case OUTCOME_SELF_UP:
    case OUTCOME_HOST_LATER:
        return leave(run, verdict);
    case OUTCOME_FRESH:
        r = judge_again(run, ASKS_IN_USE, verdict); /* other software may be about to write */
        return r == RESULT_DONE ? state_start_fresh(run) : r;
    case OUTCOME_INIT:
        return make_state(run, verdict);
    case OUTCOME_RECORDED:
    case OUTCOME_RECORDED_OLDER:
    case OUTCOME_SPELLING:
        return record(run, verdict);
    case OUTCOME_OVERTAKEN:
        r = record_overtaken(run, verdict);
        *ret_again = r == RESULT_DONE;
        return r;
    case OUTCOME_UNDONE:
    case OUTCOME_REDONE:
    case OUTCOME_RESTORED:
        return bring_back(run, verdict, ret_again);
    case OUTCOME_PENDING:
    case OUTCOME_ASSUMED:
    case OUTCOME_MANUAL:
    case OUTCOME_MANUAL_BOOT:
        return migrate(run, verdict);
    case OUTCOME_APPROVAL:
    case OUTCOME_APPROVAL_RESTORE:
        say_consent(run, verdict);
        return run_refuse_verdict(run, verdict);
    default:
        return run_refuse_verdict(run, verdict);
    }
}

/* Returns the version under which the service was last let start: the marker, else the stamp. */
static const char *last_declared(const Facts *facts)
{
    char **stamps = facts->n_directories > 0 ? facts->directories[0].stamps.versions : NULL;

    if (facts->declared)
        return facts->declared + (facts->declared[0] == ':');
    return strv_length(stamps) == 1 && version_is_valid(stamps[0]) ? stamps[0] : NULL;
}

/* From now on, tools of the declared version may change the data. So the gate of an older version
 * closes, and software of that version does not start before Detect= is asked. */
static void note_declared(const Run *run)
{
    const Declaration *declaration = run->declaration;
    const char *last = last_declared(&run->facts), *version = declaration->version.value;
    _cleanup_free_ char *value = NULL;
    int r = 0;

    if (!declaration->detect.argv || !last || streq_null(run->facts.declared, version) ||
        streq(last, version))
        return;
    if (version_compare(last, version) < 0)
        r = declared_ask(run->store, last); /* mutation: note-declared */
    value = strprintf(":%s", facts_newer_before(&run->facts) ? facts_newer_before(&run->facts)
                                                             : version);
    if (r == 0)
        r = value ? declared_write(run->store, value) : -ENOMEM;
    if (r < 0)
        log_warning(&run->log, "Cannot write %s/declared=:%s: %s", run->store->path, version,
                    strerror(-r));
}

/* Opens the gate for the declared version, as far as Detect= is concerned. */
static int agree_declared(Run *run)
{
    const char *version = run->declaration->version.value;
    int r = run->declaration->detect.argv && version ? declared_agree(run->store, version) : 0;

    return r < 0 ? run_refuse(run, RESULT_FAILED, "cannot write %s/declared=%s: %s",
                              run->store->path, version, strerror(-r))
                 : RESULT_DONE;
}

static int run_state(Session *session, bool *ret_again)
{
    Run *run = &session->run;
    _cleanup_(verdict_free) Verdict verdict = {};
    _cleanup_free_ char *version = NULL;
    int r = run_look(run);

    *ret_again = false;
    if (r == 0) {
        note_declared(run);
        r = run_judge(run, ASKS_FIRST, &verdict);
    }
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-r));
    /* A stamped state is not fresh, so the marker of a fresh start must not open the gate. */
    if (facts_are_stamped(&run->facts) && fresh_write(run->store, NULL) < 0)
        return refuse_marker(run);
    if (verdict.version && version_is_valid(verdict.version))
        run->log.from = version = strdup(verdict.version);
    if (run->log.from || verdict.route.plan.to)
        run->log.to = run->declaration->version.value;
    r = act(session, &verdict, ret_again);
    run->log.from = run->log.to = NULL; /* the string is freed at the end of this function */
    return r;
}

static int run_session(Session *session, bool *requested)
{
    Run *run = &session->run;
    bool on_file = store_has(run->store, RECORD_REQUESTED), again = true;
    int r = RESULT_DONE;

    /* A request (RECORD_REQUESTED) counts for one run, even if the run fails. */
    *requested = *requested || on_file;
    if (on_file && record_remove(run->store, RECORD_REQUESTED) < 0)
        log_warning(&run->log, "Cannot remove %s/" RECORD_REQUESTED, run->store->path);
    run_forget_refusal(run);
    if (!run->declaration->version.value) {
        log_info(&run->log, "%s declares no Version=, so there is nothing to do",
                 run->declaration->name);
        return RESULT_DONE;
    }
    run->facts.requested = *requested;
    for (int i = 0; r == RESULT_DONE && again; i++)
        r = i < ROUNDS_MAX
                ? run_state(session, &again)
                : run_refuse(run, RESULT_FAILED, "its directories and records do not come to rest");
    return r == RESULT_DONE ? agree_declared(run) : r;
}

/* Writes the refusal for migratectl status. If a recovery has failed, takes the first event with a
 * result that the session has logged as the refusal. */
static void remember_refusal(Session *session, Result result)
{
    Run *run = &session->run;
    Refusal *refusal = &run->refusal;
    int r = 0;

    if (result == RESULT_ATTENTION && session->ending &&
        store_has(run->store, RECORD_TRANSACTION)) {
        refusal_free(refusal);
        *refusal = (Refusal){.result = result, .sentence = TAKE_PTR(session->ending)};
    }
    if (!refusal->sentence)
        return;
    if (!refusal->to)
        refusal->to = strdup(run->declaration->version.value);
    r = refusal->to ? refusal_write(run->store, refusal) : -ENOMEM;
    if (r < 0)
        log_warning(&run->log, "Cannot write %s/" RECORD_REFUSED ": %s", run->store->path,
                    strerror(-r));
}

/* Starts migrate-post@NAME.service for a start of the service that is under way. That start has
 * queued it already; but if an earlier run of it was just ending, systemd merged the two, and nothing
 * would conclude the migration before another start. */
static void queue_conclusion(const Run *run)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_free_ char *fresh = NULL;
    const char *unit;

    if (sd_booted() <= 0 || fresh_read(run->store, &fresh) < 0 ||
        (!fresh && !store_has(run->store, RECORD_POST)) || bus_open(&bus) < 0)
        return;
    for (size_t i = 0; (unit = declaration_user(run->declaration, i, NULL)); i++)
        if (bus_unit_has_job(bus, unit) > 0) {
            _cleanup_free_ char *post =
                strprintf("migrate-post@%s.service", run->declaration->name);
            int r = post ? bus_start_unit(bus, post) : -ENOMEM;

            if (r < 0)
                log_warning(&run->log, "Cannot start migrate-post@%s: %s", run->declaration->name,
                            strerror(-r));
            return;
        }
}

static int run_once(const char *name, bool *requested)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    if (r == RESULT_DONE) {
        r = run_session(&session, requested);
        if (r == RESULT_DONE)
            in_use_revive(session.run.declaration, &session.run.log);
        if (r == RESULT_DONE)
            queue_conclusion(&session.run);
        if (r == RESULT_DONE && *requested && provisional_end(&session.store) < 0)
            log_warning(&session.run.log, "Cannot remove %s/" RECORD_PROVISIONAL,
                        session.store.path);
        /* The log has said that the service stays down, so no marker may open the gate. */
        if (r != RESULT_DONE && r != RUN_WAIT && fresh_close(&session.store) < 0)
            log_warning(&session.run.log, "Cannot rename fresh=* in %s", session.store.path);
    }
    if (r > RESULT_DONE && session.run.declaration && session.run.declaration->version.value)
        remember_refusal(&session, (Result)r);
    return r;
}

int verb_run(char **arguments)
{
    const char *name = arguments[0];
    const LogContext log = {.service = name};
    bool requested = false;
    int r;

    progress_begin("run", name);
    do
        r = run_once(name, &requested);
    /* An interruption of the wait makes the loop run once more, which logs the interruption. */
    while (r == RUN_WAIT && slots_take(&log, &canceled) <= 0);
    progress_result(r);
    progress_end();
    return r;
}

/* Removes what a rehearsal has left. This may take long, so it runs without the lock. */
static Result settle(Session *session, int r)
{
    /* mutation: recover-rehearsal */
    if (session->store.fd >= 0 && r != RESULT_BUSY && flock(session->store.fd, LOCK_UN) == 0 &&
        rehearsal_drop(&session->store, false) < 0)
        log_warning(&session->run.log, "What a rehearsal has left in %s could not be removed",
                    session->store.path);
    /* A transaction is recovered even if the declaration is broken or gone. */
    return r == RESULT_INVALID || r == RESULT_REFUSED ? RESULT_DONE : r;
}

int verb_settle(char **arguments)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, arguments[0]);

    return settle(&session, r);
}

static int settle_declared(Run *run, bool *ret_again)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    int r = run_look(run);

    if (r == 0) {
        note_declared(run);
        r = run_judge(run, ASKS_CONFIRM, &verdict);
    }
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-r));
    *ret_again = verdict.outcome == OUTCOME_OVERTAKEN;
    if (*ret_again)
        return record_overtaken(run, &verdict);
    if (outcome_is_pending(verdict.outcome)) /* the stamps keep the gate closed */
        return RESULT_DONE;
    return outcome_result(verdict.outcome) == RESULT_DONE ? agree_declared(run)
                                                          : run_refuse_verdict(run, &verdict);
}

int verb_settle_declared(char **arguments)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, arguments[0]);
    bool again = r == RESULT_DONE && session.run.declaration->version.value;

    if (again)
        run_forget_refusal(&session.run);
    while (r == RESULT_DONE && again)
        r = settle_declared(&session.run, &again);
    if (r > RESULT_DONE && session.run.declaration && session.run.declaration->version.value)
        remember_refusal(&session, (Result)r);
    return settle(&session, r);
}
