/* SPDX-License-Identifier: MIT */
/* migratectl start and retry: check while the service still runs, stop it, migrate, and start it
 * again. */
#include "act/start.h"

#include "act/verbs.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/names.h"
#include "terminal/output.h"

void start_free(Start *start)
{
    outage_free(&start->outage);
    jobs_end(&start->jobs);
    service_free(&start->service);
    declarations_free(&start->declarations);
}

Result start_look(Start *start)
{
    int r;

    service_free(&start->service);
    declarations_free(&start->declarations);
    r = find_declaration(start->name, &start->declarations, &start->declaration);
    if (r != RESULT_DONE)
        return r;
    if (service_look(&start->declarations, start->declaration, start->bus, NULL, &start->service) <
        0)
        return complain_memory();
    /* "migratectl start" also migrates a state that the software accepts. */
    start->service.facts.requested = true;
    return service_judge(&start->service) < 0 ? complain_memory() : RESULT_DONE;
}

/* --- retry ------------------------------------------------------------------------------------ */

static Result forgive(const Start *start)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    Result result = open_locked_store(start->name, false, &store);
    int r;

    if (result != RESULT_DONE || store.fd < 0)
        return result;
    r = transaction_record_read(&store, RECORD_FAILED, &failed);
    if (r == 0) {
        failed.retry = 1;
        r = transaction_record_write(&store, RECORD_FAILED, &failed);
    } else if (r == -EBADMSG) /* a damaged record is removed too */
        r = record_remove(&store, RECORD_FAILED);
    if (r >= 0)
        r = record_remove(&store, RECORD_INTERRUPTED);
    if (r < 0)
        return fail(RESULT_FAILED, "%s: cannot write to %s: %s", start->name, store.path,
                    strerror(-r));
    return RESULT_DONE;
}

static Result reset_failed(const Start *start)
{
    ARRAY_FOREACH (unit, start->service.facts.units, start->service.facts.n_units)
        if (!unit->old && streq_null(unit->active, "failed") &&
            jobs_reset_failed(start->bus, unit->unit) < 0)
            return RESULT_FAILED;
    STRV_FOREACH (unit, start->outage.sockets)
        if (jobs_reset_failed(start->bus, *unit) < 0)
            return RESULT_FAILED;
    return RESULT_DONE;
}

/* --- checks ----------------------------------------------------------------------------------- */

/* Checks whether the migration can be tried. *ret_idle: there is nothing to do. */
static int may_start(const Start *start, bool *ret_idle)
{
    const Service *service = &start->service;
    Outcome outcome = service->verdict.outcome;
    _cleanup_free_ char *next = service_next(service);

    *ret_idle = false;
    switch (outcome) {
    case OUTCOME_CURRENT:
    case OUTCOME_READABLE:
    case OUTCOME_SELF:
    case OUTCOME_SELF_BEGUN:
    case OUTCOME_SELF_UP:
    case OUTCOME_FRESH:
    case OUTCOME_HOST_LATER:
        say("%s: %s", start->name, service->what);
        if (outcome == OUTCOME_SELF_BEGUN && next)
            say("%s: to go on, %s", start->name, next);
        *ret_idle = true;
        return RESULT_DONE;
    case OUTCOME_RUNNING:
    case OUTCOME_CUT_OFF:
    case OUTCOME_ATTENTION:
    case OUTCOME_REFUSED: /* the last attempt was refused */
        return RESULT_DONE;
    default:
        if (outcome_is_pending(outcome))
            return RESULT_DONE;
    }
    complain("%s: %s", start->name, service->what);
    if (next)
        complain("%s: nothing was stopped. To go on, %s", start->name, next);
    else
        complain("%s: nothing was stopped", start->name);
    return outcome == OUTCOME_INERT ? RESULT_REFUSED : (int)outcome_result(outcome);
}

/* Starts the service again after a failure, if the software may run on the unchanged state. */
static int go_back(Start *start, int status)
{
    const Verdict *verdict = &start->service.verdict;
    bool open = verdict->accepted || verdict->outcome == OUTCOME_READABLE;
    _cleanup_free_ char *down = strv_join(start->outage.start, " "),
                        *next = service_next(&start->service);

    if (!start->outage.start)
        return status;
    if (open && outage_end(&start->outage, &start->jobs, start->name) == RESULT_DONE)
        complain("%s: the service runs again, on its unchanged state (version %s)", start->name,
                 verdict->version);
    else if (!open && next)
        complain("%s: these units stay down until the state is migrated: %s. To go on, %s",
                 start->name, down ? down : "?", next);
    else if (!open)
        complain("%s: these units stay down until the state is migrated: %s", start->name,
                 down ? down : "?");
    return status;
}

static int prepare(Start *start, bool *ret_idle)
{
    int r;

    r = may_start(start, ret_idle);
    if (r != RESULT_DONE || (*ret_idle && !start->service.reload))
        return r;
    /* After the reload, the gates match the declaration that the helper reads. */
    if (jobs_reload(start->bus) < 0)
        return RESULT_FAILED;
    if (*ret_idle)
        return RESULT_DONE;
    r = helper_call("check", start->name, NULL);
    if (r != RESULT_DONE || interrupted())
        complain("%s: nothing was stopped", start->name);
    return interrupted() ? STATUS_INTERRUPTED : r;
}

static void say_what_begins(const Start *start)
{
    const Service *service = &start->service;

    if (service->verdict.route.kind == ROUTE_RESTORE)
        say("%s: bringing back the backup %s, at version %s", start->name,
            service->verdict.route.backup, service->verdict.route.version);
    else if (service->verdict.version)
        say("%s: migrating from %s to %s", start->name, service->verdict.version,
            service->verdict.has_plan ? service->verdict.route.plan.to
                                      : start->declaration->version.value);
    else
        say("%s: migrating to %s", start->name, start->declaration->version.value);
}

static int take_along(Start *start)
{
    bool idle;
    int r, status;

    r = prepare(start, &idle);
    if (r != RESULT_DONE)
        return r;
    /* An operator who names a service wants it up. */
    r = outage_find(start->bus, start->declaration, start->retry || !options.all, &start->outage);
    if (r == 0 && !options.all)
        r = outage_add_all(start->bus, start->declaration, &start->outage);
    if (r < 0)
        return fail(RESULT_FAILED,
                    "%s: cannot ask systemd about its units: %s. Nothing was stopped", start->name,
                    strerror(-r));
    r = start->retry ? reset_failed(start) : RESULT_DONE;
    if (r != RESULT_DONE)
        return r;
    if (idle && !start->outage.stop)
        outage_say_idle(&start->outage, start->bus, start->declaration);
    if (idle)
        jobs_forget_failures(start->bus, "migrate", start->name);
    if (idle) /* nothing to do, so running units stay up */
        return (start->outage.stop || options.all) && !start->retry
                   ? RESULT_DONE
                   : outage_end(&start->outage, &start->jobs, start->name);
    r = start_request(start, true);
    if (r == RESULT_DONE)
        r = outage_begin(&start->outage, &start->jobs, start->name);
    if (r != RESULT_DONE) {
        start_request(start, false);
        return r;
    }
    say_what_begins(start);
    status = start_migrate(start);
    if (status == STATUS_INTERRUPTED)
        return status;
    if (status != RESULT_DONE) {
        start_request(start, false);
        return go_back(start, status);
    }
    outage_say_idle(&start->outage, start->bus, start->declaration);
    return outage_end(&start->outage, &start->jobs, start->name);
}

/* Makes a provisional migration final: somebody may use the service from now on. */
static Result end_provisional(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;

    return store_open(NULL, name, false, &store) == 0 && store_has(&store, RECORD_PROVISIONAL)
               ? helper_call("boot-complete", name, NULL)
               : RESULT_DONE;
}

static int start_one(sd_bus *bus, const char *name, bool retry)
{
    _cleanup_(start_free) Start start = {
        .bus = bus, .name = name, .retry = retry, .service = {.facts.store = STORE_NONE}};
    int r = start_look(&start);

    if (r != RESULT_DONE)
        return r;
    if (jobs_begin(&start.jobs, bus) < 0)
        return complain_memory();
    if (streq_null(start.service.facts.migration.active, "activating")) { /* only follow the run */
        say("%s: a migration is running already", start.name);
        return start_migrate(&start);
    }
    r = helper_call("settle", name, NULL);
    if (r == RESULT_DONE && retry)
        r = forgive(&start);
    if (r == RESULT_DONE)
        r = start_look(&start);
    if (r != RESULT_DONE)
        return r;
    return take_along(&start);
}

/* --- which ------------------------------------------------------------------------------------ */

/* Is there something to do, or something that keeps it from being done? */
static bool is_pending(const Service *service)
{
    const Outcome outcome = service->verdict.outcome;

    return outcome_is_pending(outcome) || service->condition == CONDITION_IN_FLIGHT ||
           service->condition == CONDITION_UNREADABLE ||
           condition_waits_for_operator(service->condition);
}

/* Is the migration ordered after that of the other service? */
static bool is_after(const Declaration *declaration, const char *other)
{
    _cleanup_free_ char *unit = strprintf("migrate@%s.service", other);

    ITEMS_FOREACH (line, &declaration->unit_lines)
        if (unit && streq(line->key, "After") && words_contain(line->value, unit, strlen(unit)))
            return true;
    return items_contain(&declaration->within, other);
}

/* Takes the first service of the list that is after no other one. In a cycle, takes the first. */
static char *take_next(const Declarations *declarations, char **list)
{
    char **next = list, *name;

    for (char **candidate = list; *candidate; candidate++) {
        const Declaration *declaration = declarations_find(declarations, *candidate);
        bool waits = false;

        STRV_FOREACH (other, list)
            waits = waits || (other != candidate && is_after(declaration, *other));
        if (!waits) {
            next = candidate;
            break;
        }
    }
    name = *next;
    for (; *next; next++)
        next[0] = next[1];
    return name;
}

Result services_find(sd_bus *bus, bool (*is_wanted)(const Service *service), char ***ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_strv_ char **list = NULL;
    Result r = read_declarations(&declarations);

    ITEMS_FOREACH (declaration, &declarations) {
        _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};

        if (r == RESULT_DONE && declaration->enabled &&
            (service_look(&declarations, declaration, bus, NULL, &service) < 0 ||
             (is_wanted(&service) && strv_append(&list, declaration->name) < 0)))
            r = complain_memory();
    }
    while (r == RESULT_DONE && list && *list)
        if (strv_consume(ret, take_next(&declarations, list)) < 0)
            r = complain_memory();
    return r;
}

static int start_each(sd_bus *bus, char **names, bool retry)
{
    int result = RESULT_DONE;

    STRV_FOREACH (name, names) {
        int r = start_one(bus, *name, retry);

        if (r == RESULT_DONE)
            r = end_provisional(*name);
        result = result ? result : r;
        if (r == STATUS_INTERRUPTED)
            break;
    }
    return result;
}

static int start_all(char **names, const char *verb, bool retry)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_strv_ char **pending = NULL;
    int result = outage_connect(verb, &bus);

    if (result == RESULT_DONE && options.all)
        result = services_find(bus, is_pending, &pending);
    if (result != RESULT_DONE)
        return result;
    if (options.all && !pending)
        say("Nothing is pending.");
    interrupt_catch();
    return start_each(bus, options.all ? pending : names, retry);
}

int ctl_start(char **names)
{
    Result result = names_or_all(names, "start");

    return result == RESULT_DONE ? start_all(names, "start", false) : result;
}

int ctl_retry(char **names)
{
    return start_all(names, "retry", true);
}
