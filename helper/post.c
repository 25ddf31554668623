/* SPDX-License-Identifier: MIT */
/* Does the work after the service has started: stamps a fresh state, and runs Post= hooks until the
 * hooks succeed. No failure here stops the service. */
#include "adopt.h"
#include "session/session.h"
#include "store/known.h"
#include "store/record-transaction.h"
#include "store/software.h"
#include "system/bus.h"
#include "transaction/conclude.h"
#include "verbs.h"
#include "version/version.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

/* Limits the rounds of waiting for a service that is restarted again and again. */
#define ROUNDS_MAX 10

/* A round waits at most a minute for units that are starting or stopping. */
#define WAIT_MSEC 200
#define WAIT_MAX  300

#define log_failed(run, ...)                                                                       \
    log_event(&(run)->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED, __VA_ARGS__)

/* --- units --------------------------------------------------------------------------------- */

/* Returns 1 if the unit has a job, is starting or is stopping, or waits for its automatic restart;
 * 0 if not; or a negative errno. So one run waits for a unit that fails at each start, instead of
 * one run for each start. */
static int is_on_its_way(sd_bus *bus, const char *unit)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r = bus_unit_has_job(bus, unit);

    if (r != 0)
        return r;
    r = bus_unit_state(bus, unit, &state);
    if (r < 0)
        return r;
    return streq(state.active, "activating") || streq(state.active, "deactivating");
}

/* Returns 1 if is_on_its_way() returns 1 for any of the units, 0 if not, or a negative errno. */
static int are_on_their_way(char *const *units)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = bus_open(&bus);

    for (; r == 0 && *units; units++)
        r = is_on_its_way(bus, *units);
    return r;
}

/* Waits until the units are started or stopped: a start of the service does not run this unit again
 * while this unit still runs. Called without the lock, since the service may need a migration. */
static void wait_for(char *const *units)
{
    for (int i = 0; i < WAIT_MAX && !canceled && are_on_their_way(units) > 0; i++)
        poll(NULL, 0, WAIT_MSEC);
}

/* Returns the time at which the record of the work for this unit was written, in microseconds. 0:
 * there is no such record. */
static uint64_t pending_since(const Store *store, const char *fresh)
{
    _cleanup_free_ char *marker = fresh ? strprintf("fresh=%s", fresh) : NULL;
    struct stat st;

    if (fstatat(store->fd, marker ? marker : RECORD_POST, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return (uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000;
}

static int unit_is_up(sd_bus *bus, const char *unit, uint64_t since)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r = bus_unit_state(bus, unit, &state);

    if (r < 0)
        return r;
    if (streq(state.active, "inactive"))
        return bus_oneshot_has_run(bus, unit, since);
    return streq(state.active, "active") || streq(state.active, "reloading");
}

/* Returns 1 if an instance of the template is up, or if PID 1 knows no instance, as after a
 * connection that ended well; 0 if not; or a negative errno. */
static int any_is_up(sd_bus *bus, const char *template)
{
    _cleanup_strv_ char **instances = NULL;
    int r = bus_instances(bus, template, &instances), up = 0;

    STRV_FOREACH (instance, instances)
        if (r == 0 && up == 0)
            up = unit_is_up(bus, *instance, 0);
    return r < 0 ? r : up || !instances;
}

/* Returns 1 if the service is up or, as a oneshot, has run, 0 if not, or a negative errno. An
 * operator may start migrate-post@NAME.service before the service. */
static int units_are_up(const Run *run, const char *fresh)
{
    uint64_t since = pending_since(run->store, fresh);
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    const char *unit;
    int r = bus_open(&bus);

    if (r < 0)
        return r;
    r = 1;
    for (size_t i = 0; r == 1 && (unit = declaration_user(run->declaration, i, NULL)); i++)
        if (declaration_awaits(run->declaration, unit))
            r = unit_is_template(unit) ? any_is_up(bus, unit) : unit_is_up(bus, unit, since);
    return r;
}

/* --- the work ------------------------------------------------------------------------------ */

/* Logs that the service goes on, and when the failed work is tried again. Returns result. */
static int say_again(const Run *run, int result)
{
    log_error(&run->log,
              "%s goes on. It is looked at again at its next start, or with: systemctl start "
              "migrate-post@%s",
              run->units[0], run->declaration->name);
    return result;
}

/* Records the version of the software that has started, if Detect= agrees. If Detect= does not
 * agree, the next start tries again. */
static Result record(Run *run, const char *from, const char *version, Action how)
{
    _cleanup_(words_free) Words words = {};
    Verdict verdict;
    Result result;

    if (detect_confirm(run, version) < 0)
        return RESULT_FAILED;
    verdict = detect_verdict(run, version);
    if (verdict.outcome == OUTCOME_CURRENT)
        return state_record(run, from, version, how);
    if (words_find(&run->facts, &verdict, &words) < 0)
        return RESULT_FAILED;
    result = outcome_result(verdict.outcome);
    log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, result, "Nothing is recorded: %s",
              words.sentence);
    return say_again(run, result);
}

/* Says whether every directory has data. Software may fill its directories one after the other. */
static bool have_data(const Facts *facts)
{
    for (size_t i = 0; i < facts_n_own(facts); i++)
        if (facts->directories[i].error || facts->directories[i].stamps.empty)
            return false;
    return true;
}

/* Stamps a fresh state with the version of the software that made it. An empty directory gets no
 * stamp, since some software refuses to make its state in a directory that is not empty. */
static Result conclude_fresh(Run *run, const char *version)
{
    const StateDirectory *unready = facts_find_unready(&run->facts);

    if (facts_are_stamped(
            &run->facts)) { /* somebody has brought back a state, with its own version */
        log_info(&run->log, "%s has a stamp already", run->where);
        return fresh_write(run->store, NULL) < 0 ? RESULT_FAILED : RESULT_DONE;
    }
    if (!have_data(&run->facts)) {
        log_info(&run->log,
                 "%s is still empty although %s is up: its version is recorded at a later start",
                 run->where, run->units[0]);
        return RESULT_DONE;
    }
    if (unready) {
        log_info(&run->log,
                 "A part of %s lives in the state of %s, whose version is not recorded yet: that "
                 "of %s is recorded at a later start",
                 run->declaration->name, unready->host, run->declaration->name);
        return RESULT_DONE;
    }
    return record(run, NULL, version, ACTION_FRESH);
}

/* Records the version of a state that the software migrates itself (SelfMigrating=). The software
 * is up, so its migration is done. */
static Result conclude_self(Run *run)
{
    const Declaration *declaration = run->declaration;
    _cleanup_free_ char *from = NULL;
    const char *stamp;

    if (stamps_read_agreement(run, false, &stamp) != AGREEMENT_SELF ||
        !declaration->self_migrating ||
        !streq_null(declaration->version.value, version_self_target(stamp)))
        return RESULT_DONE;
    from = strndup(stamp, strcspn(stamp, ":"));
    return from ? record(run, from, declaration->version.value, ACTION_SELF_MIGRATED)
                : RESULT_FAILED;
}

/* Decides whether a hook may run, and logs a change of the hook. A changed hook runs, since a
 * package upgrade may replace its script; but if the earlier hook was approved, the changed hook
 * needs a new approval. */
static bool may_run(const Run *run, const PostHook *hook)
{
    const char *name = run->declaration->name;
    Fingerprint now;

    switch (post_hook_compare(hook, run->declaration, &now)) {
    case POST_SAME:
        return true;
    case POST_CHANGED:
        log_warning(&run->log,
                    "Post=%s, or a file that it names, was changed since the migration: it runs as "
                    "it is now",
                    hook->argv[0]);
        return true;
    case POST_REFUSED:
        break;
    }
    log_failed(
        run,
        "Post=%s is not run: it, or a file that it names, has changed since the migration was "
        "approved",
        hook->argv[0]);
    log_error(&run->log,
              "%s goes on. Look at what it is now, then run: migratectl approve %s; or put back "
              "what was there; then run: systemctl start migrate-post@%s",
              run->units[0], name, name);
    return false;
}

static int run_hook(const Run *run, const PostHook *hook)
{
    _cleanup_free_ char *what = NULL;
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    Declaration declaration = *run->declaration; /* borrows all members */
    ScriptContext context = run_script_context(run, trees);
    int r = !trees ? -ENOMEM : !hook->argv ? -EBADMSG : 0;

    context.declaration = &declaration;
    context.from_software = hook->software_from;
    declaration.software = hook->software_to;
    if (!declaration.user) { /* for a step of a wayback, the record has the user */
        declaration.user = hook->user;
        declaration.group = declaration.group ? declaration.group : hook->group;
    }
    if (r == 0 && !may_run(run, hook))
        return RESULT_FAILED;
    for (size_t i = 0; r == 0 && i < run->n_places; i++)
        trees[i] = place_tree(run->places + i, run->places[i].fd);
    if (r == 0)
        r = script_run(&context,
                       &(ScriptCall){.command = &(Command){.argv = hook->argv},
                                     .key = "Post",
                                     .from = hook->from,
                                     .to = hook->to,
                                     .timeout_usec = hook->timeout_usec,
                                     .access = SANDBOX_WRITABLE,
                                     .open = true},
                       NULL, NULL, &what);
    if (r == SCRIPT_SUCCESS)
        return RESULT_DONE;
    log_failed(run, "A hook after the start failed: %s",
               what    ? what
               : r < 0 ? strerror(-r)
                       : "interrupted");
    log_error(
        &run->log,
        "%s goes on. It is tried again at the next start, or with: systemctl start migrate-post@%s",
        run->units[0], run->declaration->name);
    return RESULT_FAILED;
}

/* Runs the Post= hooks of the last migration, and removes their record. */
static int conclude_migration(Run *run, PostRecord *post)
{
    _cleanup_free_ char *what = NULL;
    const char *version;
    size_t n_hooks;
    int r;

    r = post_record_read(run->store, RECORD_POST, post);
    if (r == 1)
        return RESULT_DONE;
    if (r < 0) {
        log_failed(run, "Cannot read %s/" RECORD_POST ": %s", run->store->path, strerror(-r));
        return say_again(run, RESULT_FAILED);
    }
    run->log.transaction = post->id;
    run->log.from = post->from;
    run->log.to = post->to;
    if (stamps_read_agreement(run, false, &version) != AGREEMENT_VERSION) {
        what = stamps_describe_disagreement(run, false);
        log_failed(run, "Nothing is concluded: %s", what ? what : "out of memory");
        return say_again(run, RESULT_FAILED);
    }
    if (facts_let_read(&run->facts, version)) { /* the newer software will run the hooks */
        remember_run(run, version);
        return RESULT_DONE;
    }
    /* The hooks are for another version if older data was restored in the meantime. */
    n_hooks = post->to && version_compare(post->to, version) == 0 ? post->n_hooks : 0;
    for (size_t i = 0; i < run->n_lodgings; i++) /* hooks may take long */
        lodging_unlock(run->lodgings + i);
    if (n_hooks > 0) {
        /* Once hooks begin, a swap cannot undo everything: see hooks_have_run(). */
        post->begun = true;
        r = post_record_write(run->store, RECORD_POST, post);
        if (r < 0) {
            log_failed(run, "Cannot write %s/" RECORD_POST ": %s. Its hooks run at the next start",
                       run->store->path, strerror(-r));
            return RESULT_FAILED;
        }
    }
    for (size_t i = 0; i < n_hooks; i++) {
        r = run_hook(run, post->hooks + i);
        if (r != RESULT_DONE)
            return r;
    }
    r = record_remove(run->store, RECORD_POST);
    if (r < 0) {
        log_failed(run,
                   "Cannot remove %s/" RECORD_POST ": %s. The hooks run again at the next start",
                   run->store->path, strerror(-r));
        return RESULT_FAILED;
    }
    log_event(&run->log, LOG_NOTICE, MESSAGE_CONCLUDED, RESULT_DONE,
              "%s has started on its state at version %s", run->units[0], version);
    return RESULT_DONE;
}

/* Does the work in one session. If units are starting or stopping, does nothing and sets *ret_units
 * to the units of the service; the caller owns the list. */
static int post_session(Session *session, char ***ret_units)
{
    Run *run = &session->run;
    _cleanup_(post_record_free) PostRecord post = {};
    _cleanup_free_ char *version = NULL;
    int r;

    run->check_only = true; /* for messages: the service is not down, whatever fails here */
    r = run_find_places(&session->run);
    if (r != RESULT_DONE)
        return r;
    r = fresh_read(run->store, &version);
    if (r == 0)
        r = units_are_up(run, version);
    if (r == 0 && are_on_their_way(run->units) > 0) {
        *ret_units = TAKE_PTR(run->units);
        run->log.units = NULL;
        return RESULT_DONE;
    }
    if (r == 0) {
        log_info(&run->log, "%s is not up, so there is nothing to conclude yet", run->units[0]);
        return RESULT_DONE;
    }
    if (r < 0) {
        log_failed(run, "Cannot conclude: %s", strerror(-r));
        return say_again(run, RESULT_FAILED);
    }
    r = version ? conclude_fresh(run, version) : conclude_self(run);
    if (r == RESULT_DONE && run_look(run) < 0) { /* the stamps may have changed */
        log_failed(run, "Cannot look at %s again", run->where);
        r = say_again(run, RESULT_FAILED);
    }
    if (r == RESULT_DONE)
        r = conclude_migration(run, &post);
    run->log.transaction = run->log.from = run->log.to = NULL; /* the strings are freed at the end
                                                                * of this function */
    return r;
}

static int post_once(const char *name, char ***ret_units)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    return r == RESULT_DONE ? post_session(&session, ret_units) : r;
}

int verb_post(char **arguments)
{
    const char *name = arguments[0];
    _cleanup_strv_ char **units = NULL;
    int r = post_once(name, &units);

    for (int i = 0; r == RESULT_DONE && units && i < ROUNDS_MAX && !canceled; i++) {
        wait_for(units);
        strv_free(units);
        units = NULL;
        r = post_once(name, &units);
    }
    return r;
}
