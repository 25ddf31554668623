/* SPDX-License-Identifier: MIT */
/* After the service has started: a fresh state gets its stamp, Post= hooks run until they succeed.
 * Never holds the service down. */
#include "adopt.h"
#include "post-changed.h"
#include "post-wait.h"
#include "script/place-tree.h"
#include "script/script.h"
#include "session/session.h"
#include "store/known.h"
#include "store/software.h"
#include "system/bus.h"
#include "transaction/remember.h"
#include "verbs.h"
#include "version/detect.h"
#include "version/stamps.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A service that is restarted again and again is not waited for without end. */
#define ROUNDS_MAX 10

/* Since when there is something to conclude, in microseconds; 0 if that is not on file. */
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

/* Is the service up, or through? Started by hand before it is, there is nothing to conclude yet. 1,
 * 0 or a negative errno. */
static int units_are_up(const Run *run, const char *fresh)
{
    uint64_t since = pending_since(run->store, fresh);
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = bus_open(&bus);

    if (r < 0)
        return r;
    r = 1;
    for (size_t i = 0; r == 1 && i < run->declaration->units.n_items; i++)
        r = unit_is_up(bus, run->declaration->units.items[i].value, since);
    return r;
}

/* The second half of what went wrong, where that has no words of its own. Returns result. */
static int say_again(const Run *run, int result)
{
    log_error(&run->log,
              "%s goes on. It is looked at again at its next start, or with: systemctl start "
              "migrate-post@%s",
              run->units[0], run->declaration->name);
    return result;
}

/* The version that software is about to be recorded with, which has started: does the data say the
 * same? If not, the next start looks again. */
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

/* All directories must have something: what one of them still lacks may come a moment later. */
static bool have_data(const Facts *facts)
{
    for (size_t i = 0; i < facts_n_own(facts); i++)
        if (facts->directories[i].error || facts->directories[i].stamps.empty)
            return false;
    return true;
}

/* Software was let start on nothing. It is up, so what it made has its version. As long as it has
 * made nothing, no stamp is put in its way: some refuse a directory that is not empty. */
static Result conclude_fresh(Run *run, const char *version)
{
    const StateDirectory *unready = facts_find_unready(&run->facts);

    if (facts_are_stamped(
            &run->facts)) { /* brought back by somebody: it has a version of its own */
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

/* Software was let start on a state that it migrates itself, and is up: it has. */
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

static int run_hook(const Run *run, const PostHook *hook)
{
    _cleanup_free_ char *what = NULL;
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    Declaration declaration = *run->declaration; /* borrows all */
    int r = !trees ? -ENOMEM : !hook->argv ? -EBADMSG : 0;

    declaration.software = hook->software_to;
    if (!declaration.user) { /* of a step that was kept: as whom it was declared to run */
        declaration.user = hook->user;
        declaration.group = declaration.group ? declaration.group : hook->group;
    }
    if (r == 0 && !post_may_run(run, hook))
        return RESULT_FAILED;
    for (size_t i = 0; r == 0 && i < run->n_places; i++)
        trees[i] = place_tree(run->places + i, run->places[i].fd);
    if (r == 0)
        r = script_run(&(ScriptContext){.declaration = &declaration,
                                        .store = run->store,
                                        .log = &run->log,
                                        .trees = trees,
                                        .n_trees = run->n_places,
                                        .from_software = hook->software_from,
                                        .cancel = &canceled},
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
    log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
              "A hook after the start failed: %s",
              what    ? what
              : r < 0 ? strerror(-r)
                      : "interrupted");
    log_error(
        &run->log,
        "%s goes on. It is tried again at the next start, or with: systemctl start migrate-post@%s",
        run->units[0], run->declaration->name);
    return RESULT_FAILED;
}

/* What was migrated last. */
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
        log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
                  "Cannot read %s/" RECORD_POST ": %s", run->store->path, strerror(-r));
        return say_again(run, RESULT_FAILED);
    }
    run->log.transaction = post->id;
    run->log.from = post->from;
    run->log.to = post->to;
    if (stamps_read_agreement(run, false, &version) != AGREEMENT_VERSION) {
        what = stamps_describe_disagreement(run, false);
        log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
                  "Nothing is concluded: %s", what ? what : "out of memory");
        return say_again(run, RESULT_FAILED);
    }
    if (facts_let_read(&run->facts, version)) { /* the newer software does what is left to do */
        remember_run(run, version);
        return RESULT_DONE;
    }
    /* Older data was brought back before: a newer version's hooks have no business with it. */
    n_hooks = post->to && version_compare(post->to, version) == 0 ? post->n_hooks : 0;
    for (size_t i = 0; i < run->n_lodgings; i++) /* hooks may take long */
        lodging_unlock(run->lodgings + i);
    if (n_hooks > 0) {
        /* What they do outside of the state no swap undoes, lib/judge/route.c. */
        post->begun = true;
        r = post_record_write(run->store, RECORD_POST, post);
        if (r < 0) {
            log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
                      "Cannot write %s/" RECORD_POST ": %s. Its hooks run at the next start",
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
        log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
                  "Cannot remove %s/" RECORD_POST ": %s. The hooks run again at the next start",
                  run->store->path, strerror(-r));
        return RESULT_FAILED;
    }
    log_event(&run->log, LOG_NOTICE, MESSAGE_CONCLUDED, RESULT_DONE,
              "%s has started on its state at version %s", run->units[0], version);
    return RESULT_DONE;
}

/* *ret_units: nothing is concluded yet, but these are on their way; the caller's. */
static int post_session(Session *session, char ***ret_units)
{
    Run *run = &session->run;
    _cleanup_(post_record_free) PostRecord post = {};
    _cleanup_free_ char *version = NULL;
    int r;

    run->check_only = true; /* nothing is down, whatever goes wrong here */
    r = run_find_places(&session->run);
    if (r != RESULT_DONE)
        return r;
    r = fresh_read(run->store, &version);
    if (r == 0)
        r = units_are_up(run, version);
    if (r == 0 && units_are_on_their_way(run->units) > 0) {
        *ret_units = TAKE_PTR(run->units);
        run->log.units = NULL;
        return RESULT_DONE;
    }
    if (r == 0) {
        log_info(&run->log, "%s is not up, so there is nothing to conclude yet", run->units[0]);
        return RESULT_DONE;
    }
    if (r < 0) {
        log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED, "Cannot conclude: %s",
                  strerror(-r));
        return say_again(run, RESULT_FAILED);
    }
    r = version ? conclude_fresh(run, version) : conclude_self(run);
    if (r == RESULT_DONE)
        r = conclude_migration(run, &post);
    run->log.transaction = run->log.from = run->log.to = NULL; /* they are freed here */
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
        units_wait(units);
        strv_free(units);
        units = NULL;
        r = post_once(name, &units);
    }
    return r;
}
