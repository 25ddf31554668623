/* SPDX-License-Identifier: MIT */
/* migratectl rehearse: starts a rehearsal in a unit, follows it, and prints its result. */
#include "act/rehearse-unit.h"
#include "act/start.h"
#include "act/verbs.h"
#include "look/common.h"
#include "look/names.h"
#include "show/rehearsal-print.h"
#include "store/rehearsal.h"

typedef struct Rehearse {
    Start start; /* the service; start.outage is used only with --stop */
    char *unit;
    char *before; /* text of the record before this rehearsal */
    RehearsalRecord record;
    bool has_record;
    bool stopped; /* the service's units were stopped */
    bool closed;  /* the service cannot start again without a migration */
} Rehearse;

static void rehearse_free(Rehearse *r)
{
    start_free(&r->start);
    free(r->unit);
    free(r->before);
    rehearsal_record_free(&r->record);
}

/* Says whether there may be a migration to rehearse. Only the helper can tell for certain. */
static bool is_pending(const Service *service)
{
    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_FAILED:
    case CONDITION_DEFERRED:
    case CONDITION_REFUSED:
        return true;
    case CONDITION_ACCEPTED:
        return service->verdict.has_plan;
    case CONDITION_FRESH:
        return service->declaration->init.script.argv;
    default:
        return false;
    }
}

static Result refuse_attached(const Rehearse *r)
{
    if (rehearse_unit_is_up(r->start.bus, r->unit) <= 0)
        return RESULT_DONE;
    return fail(RESULT_BUSY,
                "%s: a rehearsal is running already, without --keep and --stop. To watch it, run: "
                "migratectl rehearse %s; to stop it, run: systemctl stop %s",
                r->start.name, r->start.name, r->unit);
}

/* --- the service, with --stop ----------------------------------------------------------------- */

/* Asks before stopping a service whose state version the declaration does not accept: the next
 * start migrates. */
static Result ask_to_close(Rehearse *r)
{
    const char *name = r->start.name;
    _cleanup_free_ char *question =
        strprintf("%s: the service will not start again before it is migrated, since its "
                  "declaration does not accept version %s. Stop it?",
                  name, r->start.service.verdict.version ? r->start.service.verdict.version : "?");

    r->closed =
        !r->start.service.verdict.accepted && r->start.service.verdict.outcome != OUTCOME_READABLE;
    if (!r->closed)
        return RESULT_DONE;
    return question ? ask_operator(name, question,
                                   "nothing was stopped. Without --stop, the service runs during "
                                   "the rehearsal")
                    : complain_memory();
}

static int stop(Rehearse *r)
{
    Start *start = &r->start;
    int e;

    if (!options.stop || !is_pending(&start->service))
        return RESULT_DONE;
    e = outage_find(start->bus, start->declaration, false, &start->outage);
    if (e < 0)
        return fail(RESULT_FAILED,
                    "%s: cannot ask systemd about its units: %s. Nothing was stopped", start->name,
                    strerror(-e));
    if (!start->outage.stop)
        return RESULT_DONE;
    e = ask_to_close(r);
    if (e == RESULT_DONE)
        e = outage_begin(&start->outage, &start->jobs, start->name);
    r->stopped = e == RESULT_DONE;
    return e;
}

static int start_again(Rehearse *r, int status)
{
    Start *start = &r->start;
    _cleanup_free_ char *down = strv_join(start->outage.start, " ");
    int e;

    if (!r->stopped || !start->outage.start)
        return status;
    if (r->closed) {
        complain(
            "%s: the service is down, and its state is unchanged. To migrate and start it, run: "
            "systemctl start %s",
            start->name, down ? down : "?");
        return status;
    }
    interrupt_forget();
    e = outage_end(&start->outage, &start->jobs, start->name);
    return status ? status : e;
}

/* --- the rehearsal ---------------------------------------------------------------------------- */

static char *read_record(const Service *service)
{
    char *text = NULL;

    if (service->facts.store.fd < 0 ||
        read_file_at(service->facts.store.fd, RECORD_REHEARSAL, 1 << 20, &text, NULL) < 0)
        return NULL;
    return text;
}

static int leave(Rehearse *r)
{
    const char *name = r->start.name;

    if (r->stopped) {
        interrupt_forget();
        complain("%s: interrupted, the rehearsal is being stopped", name);
        if (jobs_add(&r->start.jobs, "StopUnit", r->unit) == 0 &&
            jobs_wait(&r->start.jobs, NULL, NULL) < 0)
            complain("%s: cannot wait for its end. Run: systemctl status %s", name, r->unit);
        return STATUS_INTERRUPTED;
    }
    complain("%s: interrupted, but the rehearsal goes on; it does not change the state", name);
    complain("%s: to watch it again, run: migratectl rehearse %s", name, name);
    complain("%s: to stop it, run: systemctl stop %s", name, r->unit);
    return STATUS_INTERRUPTED;
}

/* Finds the result in the record if this rehearsal has written one, otherwise in the journal. */
static int find_result(Rehearse *r, const Follow *follow)
{
    _cleanup_free_ char *now = NULL;

    service_free(&r->start.service);
    if (service_look(&r->start.declarations, r->start.declaration, r->start.bus, NULL,
                     &r->start.service) < 0)
        return complain_memory();
    now = read_record(&r->start.service);
    if (!now || streq_null(now, r->before) ||
        rehearsal_record_read(&r->start.service.facts.store, RECORD_REHEARSAL, &r->record) != 0)
        return follow->result >= 0 ? follow->result : RESULT_FAILED;
    r->has_record = true;
    return (int)MAX(r->record.exit, 0);
}

static int follow_it(Rehearse *r)
{
    Start *start = &r->start;
    Follow follow;
    int e, up = rehearse_unit_is_up(start->bus, r->unit);

    follow_begin(&follow, start->bus, r->unit, "rehearse", start->name);
    if (up > 0)
        say("%s: a rehearsal is running already", start->name);
    e = up > 0 ? RESULT_DONE : rehearse_unit_start(start->declaration, r->unit, options.keep);
    if (e == RESULT_DONE) {
        e = rehearse_unit_wait(start->bus, r->unit, &follow);
        follow_settle(&follow, e == 0);
        if (e == -EINTR)
            e = leave(r);
        else if (e < 0) {
            complain(
                "%s: lost the connection to systemd: %s. The rehearsal goes on. Run: systemctl "
                "status %s",
                start->name, strerror(-e), r->unit);
            e = RESULT_FAILED;
        } else {
            e = find_result(r, &follow);
            if (e != RESULT_DONE)
                follow_print_last(&follow);
        }
    }
    follow_end(&follow);
    return e;
}

/* --- the output ------------------------------------------------------------------------------- */

static void tell(Rehearse *r, int status, json_object *all)
{
    if (all)
        json_object_array_add(
            all, rehearsal_to_json(r->has_record ? &r->record : NULL, r->start.name, status));
    else if (r->has_record && (!options.quiet || status != RESULT_DONE))
        rehearsal_print(&r->start.service, &r->record);
    else if (!r->has_record && status != RESULT_DONE && status != STATUS_INTERRUPTED)
        complain("%s: the migration was not rehearsed", r->start.name);
}

static int rehearse_one(sd_bus *bus, const char *name, json_object *all)
{
    _cleanup_(rehearse_free)
        Rehearse r = {.start = {.bus = bus, .name = name, .service = {.facts.store = STORE_NONE}}};
    int status = start_look(&r.start);

    if (status == RESULT_DONE) {
        r.unit = rehearse_unit_name(name);
        r.before = read_record(&r.start.service);
        if (!r.unit || jobs_begin(&r.start.jobs, bus) < 0)
            return complain_memory();
        status = options.keep || options.stop ? refuse_attached(&r) : RESULT_DONE;
        if (status == RESULT_DONE)
            status = stop(&r);
        if (status == RESULT_DONE)
            status = follow_it(&r);
        status = start_again(&r, status);
    }
    tell(&r, status, all);
    return status;
}

/* --- the services ----------------------------------------------------------------------------- */

static bool can_rehearse(const Service *service)
{
    return !declaration_is_broken(service->declaration) && is_pending(service);
}

static int rehearse_each(sd_bus *bus, char **names, json_object *all)
{
    int result = RESULT_DONE;

    STRV_FOREACH (name, names) {
        int r;

        if (name != names && !all && !options.quiet)
            putchar('\n');
        r = rehearse_one(bus, *name, all);
        result = result ? result : r;
        if (r == STATUS_INTERRUPTED)
            break;
    }
    return result;
}

int ctl_rehearse(char **names)
{
    _cleanup_json_ json_object *all = options.json != JSON_OFF ? json_object_new_array() : NULL;
    _cleanup_strv_ char **pending = NULL;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int result = names_or_all(names, "rehearse");

    if (result == RESULT_DONE)
        result = require_root("rehearse");
    if (result != RESULT_DONE)
        return result;
    bus = service_bus();
    if (!bus)
        return fail(RESULT_FAILED, "cannot reach systemd, which runs a rehearsal in a unit");
    interrupt_catch();
    options.quiet = options.quiet || all; /* standard output is for JSON only */
    if (options.all)
        result = services_find(bus, can_rehearse, &pending);
    if (result == RESULT_DONE && options.all && !pending && !all)
        say("Nothing is pending.");
    if (result == RESULT_DONE)
        result = rehearse_each(bus, options.all ? pending : names, all);
    if (all)
        print_json(all);
    return result;
}
