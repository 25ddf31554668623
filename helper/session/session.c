/* SPDX-License-Identifier: MIT */
/* Begins every verb: takes the lock, reads the declarations, and recovers a transaction. */
#include "session/session.h"

#include "judge/owner.h"
#include "script/environment.h"
#include "script/progress.h"
#include "session/gates.h"
#include "state/refuse.h"
#include "store/base.h"
#include "system/bus.h"
#include "transaction/transaction.h"

#include <sys/file.h>

static int report_invalid(Run *run)
{
    const Problems *problems = &run->declaration->problems;
    _cleanup_(words_free) Words words = {};
    _cleanup_free_ char *line = NULL;

    for (size_t i = 0; i < problems->n_items; i++) {
        _cleanup_free_ char *text = problem_format(problems->items + i);

        log_event(&run->log, LOG_ERR, MESSAGE_INVALID, RESULT_INVALID, "%s",
                  text ? text : "out of memory");
    }
    if (run_find_words(run, &(Verdict){.outcome = OUTCOME_INVALID}, &words) == 0)
        line = words_line(&words);
    log_error(&run->log, "Nothing was done, the data is untouched. Correct that; %s",
              line ? line : "out of memory");
    return RESULT_INVALID;
}

/* Without PID 1, there is no unit whose user could be the default. */
static int complete_owner(Declaration *declaration)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

    return bus_open(&bus) < 0 ? 0 : owner_complete(declaration, bus);
}

static int read_declarations(Session *session, const char *name)
{
    Declaration *declaration;
    const char *unit;
    bool old;
    int r;

    r = declarations_read(NULL, &session->declarations);
    if (r < 0) {
        log_event(&session->run.log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED,
                  "Cannot read the declarations: %s. Nothing was done, the data is untouched",
                  strerror(-r));
        return RESULT_FAILED;
    }
    session->run.declarations = &session->declarations;
    declaration = declarations_find(&session->declarations, name);
    session->run.declaration = session->run.facts.declaration = declaration;
    r = declaration ? complete_owner(declaration) : 0;
    if (r < 0)
        return RESULT_FAILED;
    for (size_t i = 0; declaration && (unit = declaration_user(declaration, i, &old)) && !old; i++)
        if (strv_append(&session->run.units, unit) < 0)
            return RESULT_FAILED;
    session->run.log.units = session->run.units;
    if (declaration && declaration->directories.n_items > 0)
        session->run.where = strdup(declaration->directories.items[0].value);
    else
        session->run.where = strprintf("%s's state", name);
    return session->run.where ? RESULT_DONE : RESULT_FAILED;
}

static Result refuse_store(Session *session, const char *name, int error)
{
    Run *run = &session->run;

    run->facts.store.path = strprintf(STORE_DIRECTORY "/%s", name);
    if (run->facts.store.path && read_declarations(session, name) == RESULT_DONE && run->units)
        return run_refuse_verdict(run,
                                  &(Verdict){.outcome = error == -EPERM ? OUTCOME_STORE_FOREIGN
                                                                        : OUTCOME_STORE_UNREADABLE,
                                             .error = error});
    log_event(&run->log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED,
              "Cannot open the store " STORE_DIRECTORY "/%s: %s", name, strerror(-error));
    return RESULT_FAILED;
}

static int open_store(Session *session, const char *name)
{
    int r;

    r = store_open(NULL, name, true, &session->store);
    if (r == 0)
        r = store_lock(&session->store);
    if (r == 1) {
        progress_wait("another run has to end");
        r = store_lock_wait(&session->store);
    }
    if (r == 1) {
        log_event(
            &session->run.log, LOG_ERR, MESSAGE_BUSY, RESULT_BUSY,
            "Another run holds the lock of %s, so nothing was done. Wait for it, then run the "
            "same again; run: systemctl status migrate@%s.service",
            name, name);
        return RESULT_BUSY;
    }
    return r < 0 ? refuse_store(session, name, r) : RESULT_DONE;
}

static int judge_declaration(Session *session, const char *name)
{
    const Declaration *declaration = session->run.declaration;

    if (!declaration) {
        log_error(
            &session->run.log,
            "Nothing declares '%s': there is no %s.ini in any migrate.d directory. Nothing was "
            "done; run: migratectl status --all",
            name, name);
        return RESULT_REFUSED;
    }
    if (declaration_is_broken(declaration))
        return report_invalid(&session->run);
    return environment_leave_caller() < 0 ? RESULT_FAILED : RESULT_DONE;
}

int session_open(Session *session, const char *name)
{
    int r;

    *session = (Session){
        .store = STORE_NONE,
        .run = {.log = {.service = name, .ended = progress_ended}, .facts = {.store = STORE_NONE}}};
    session->run.log.ending = &session->ending;
    r = open_store(session, name);
    if (r != RESULT_DONE)
        return r;
    session->run.store = &session->store;
    r = read_declarations(session, name);
    if (r == RESULT_DONE)
        r = transaction_settle(&session->store, &session->run.log);
    if (r == RESULT_DONE)
        r = judge_declaration(session, name);
    if (r == RESULT_DONE && gates_close_left_over(session->run.declaration, &session->run.log) < 0)
        return RESULT_FAILED;
    return r;
}

static int refuse_in_flight(const Session *session, const char *name)
{
    log_event(&session->run.log, LOG_ERR, MESSAGE_BUSY, RESULT_BUSY,
              "A migration of %s was cut off and is not recovered yet; run: systemctl start "
              "migrate@%s.service, then run the same again",
              name, name);
    return RESULT_BUSY;
}

int session_look(Session *session, const char *name, const LogContext *log,
                 int (*begin)(const Session *session))
{
    int r;

    *session = (Session){.store = STORE_NONE,
                         .run = {.log = *log, .check_only = true, .facts = {.store = STORE_NONE}}};
    r = open_store(session, name);
    if (r != RESULT_DONE)
        return r;
    session->run.store = &session->store;
    r = store_has(&session->store, RECORD_TRANSACTION) ? refuse_in_flight(session, name)
                                                       : begin(session);
    if (r == RESULT_DONE && flock(session->store.fd, LOCK_UN) < 0)
        r = RESULT_FAILED;
    if (r == RESULT_DONE)
        r = read_declarations(session, name);
    return r == RESULT_DONE ? judge_declaration(session, name) : r;
}

void session_remove_empty_bases(const Store *store, char **bases, const LogContext *log)
{
    if (store_has(store, RECORD_TRANSACTION))
        return;
    STRV_FOREACH (base, bases) {
        int r = base_is_outside(*base, store->name) ? base_remove_empty(*base) : 0;

        if (r < 0)
            log_warning(log, "Cannot find out whether '%s' is empty, or remove it: %s", *base,
                        strerror(-r));
    }
}

static void remove_empty_bases(const Session *session)
{
    _cleanup_strv_ char **bases = NULL;

    if (session->run.store &&
        place_find_bases(session->run.declaration, session->run.store->path, &bases, NULL) == 0)
        session_remove_empty_bases(session->run.store, bases, &session->run.log);
}

void session_close(Session *session)
{
    remove_empty_bases(session);
    facts_free(&session->run.facts);
    refusal_free(&session->run.refusal);
    free(session->ending);
    run_forget_places(&session->run);
    lodgings_free(session->run.lodgings, session->run.n_lodgings);
    strv_free(session->run.units);
    free(session->run.where);
    store_close(&session->store);
    declarations_free(&session->declarations);
}
