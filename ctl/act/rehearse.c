/* SPDX-License-Identifier: MIT */
/* migratectl rehearse: what a migration would do, tried on a clone of the real data. The helper
 * does it, in a unit of its own; here it is started, followed and told. */
#include "act/rehearse-unit.h"
#include "act/start.h"
#include "act/verbs.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "show/rehearsal-print.h"
#include "store/rehearsal.h"
#include "terminal/ask.h"
#include "terminal/options.h"
#include "terminal/output.h"

typedef struct Rehearse {
    Start start; /* what is known of the service; its outage, with --stop */
    char *unit;
    char *before; /* the record of the rehearsal before this one, as it is written */
    json_object *record;
    bool stopped, closed; /* its units were; and do not start without being migrated */
} Rehearse;

static void rehearse_free(Rehearse *r)
{
    start_free(&r->start);
    free(r->unit);
    free(r->before);
    json_object_put(r->record);
}

/* Is there anything that could be tried? What only the helper finds out, it says. */
static bool is_pending(const Service *service)
{
    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_FAILED:
    case CONDITION_DEFERRED:
        return true;
    case CONDITION_ACCEPTED:
        return service->has_plan && !service->readable;
    case CONDITION_FRESH:
        return service->declaration->init.script.argv;
    default:
        return false;
    }
}

/* It was begun without. */
static int refuse_attached(const Rehearse *r)
{
    if (rehearse_unit_is_up(r->start.bus, r->unit) <= 0)
        return RESULT_DONE;
    complain("%s: a rehearsal is at work already. To watch it: migratectl rehearse %s, without "
             "--keep and --stop; to end it: systemctl stop %s",
             r->start.name, r->start.name, r->unit);
    return RESULT_BUSY;
}

/* --- the service, with --stop ----------------------------------------------------------------- */

/* Where the declaration does not take the state's version, a start is a migration. */
static int ask_to_close(Rehearse *r)
{
    const char *name = r->start.name;
    _cleanup_free_ char *question =
        strprintf("%s: once stopped, it does not start again without being migrated: its "
                  "declaration does not take version %s. Stop it?",
                  name, r->start.service.version ? r->start.service.version : "?");

    r->closed = r->start.service.condition != CONDITION_ACCEPTED;
    if (!r->closed)
        return RESULT_DONE;
    return question ? ask_operator(name, question,
                                   "nothing was stopped. Without --stop it is rehearsed while it "
                                   "runs")
                    : complain_memory();
}

static int stop(Rehearse *r)
{
    Start *start = &r->start;
    int e;

    if (!options.stop || !is_pending(&start->service))
        return RESULT_DONE;
    e = outage_find(start->bus, start->declaration, false, &start->outage);
    if (e < 0) {
        complain("%s: cannot ask systemd about its units: %s. Nothing was stopped", start->name,
                 strerror(-e));
        return RESULT_FAILED;
    }
    if (!start->outage.stop)
        return RESULT_DONE;
    e = ask_to_close(r);
    if (e == RESULT_DONE)
        e = outage_begin(&start->outage, &start->jobs, start->name);
    r->stopped = e == RESULT_DONE;
    return e;
}

/* Whatever has happened. */
static int start_again(Rehearse *r, int status)
{
    Start *start = &r->start;
    _cleanup_free_ char *down = strv_join(start->outage.start, " ");
    int e;

    if (!r->stopped || !start->outage.start)
        return status;
    if (r->closed) {
        complain("%s: it is down, and its state is as it was. To migrate and start it: systemctl "
                 "start %s",
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

    if (service->store.fd < 0 ||
        read_file_at(service->store.fd, RECORD_REHEARSAL, 1 << 20, &text, NULL) < 0)
        return NULL;
    return text;
}

/* Ctrl-C. A service that is down for it does not have to wait. */
static int leave(Rehearse *r)
{
    const char *name = r->start.name;

    if (r->stopped) {
        interrupt_forget();
        complain("%s: interrupted: the rehearsal is ended", name);
        if (jobs_add(&r->start.jobs, "StopUnit", r->unit) == 0 &&
            jobs_wait(&r->start.jobs, NULL, NULL) < 0)
            complain("%s: whether it has ended is shown by: systemctl status %s", name, r->unit);
        return STATUS_INTERRUPTED;
    }
    complain("%s: interrupted, but the rehearsal goes on; it changes nothing of the state", name);
    complain("%s: to watch it again: migratectl rehearse %s; to see how far it is: systemctl "
             "status %s",
             name, name, r->unit);
    complain("%s: to end it: systemctl stop %s", name, r->unit);
    return STATUS_INTERRUPTED;
}

/* What has come of it: the record, if this rehearsal has written one, or else the journal, says. */
static int find_result(Rehearse *r, const Follow *follow)
{
    _cleanup_free_ char *now = NULL;

    service_free(&r->start.service);
    if (service_look(r->start.declaration, r->start.bus, NULL, &r->start.service) < 0)
        return complain_memory();
    now = read_record(&r->start.service);
    if (!now || streq_null(now, r->before) ||
        rehearsal_read(&r->start.service.store, &r->record) != 0)
        return follow->result >= 0 ? follow->result : RESULT_FAILED;
    return (int)json_integer(r->record, "exit");
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
            complain("%s: lost the connection to systemd: %s. To see how far it is: systemctl "
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

/* --- telling ---------------------------------------------------------------------------------- */

static void tell(Rehearse *r, int status, json_object *all)
{
    if (all)
        json_object_array_add(all, rehearsal_to_json(TAKE_PTR(r->record), r->start.name, status));
    else if (r->record && (!options.quiet || status != RESULT_DONE))
        rehearsal_print(&r->start.service, r->record);
    else if (!r->record && status != RESULT_DONE && status != STATUS_INTERRUPTED)
        complain("%s: it was not rehearsed", r->start.name);
}

static int rehearse_one(sd_bus *bus, const char *name, json_object *all)
{
    _cleanup_(rehearse_free)
        Rehearse r = {.start = {.bus = bus, .name = name, .service = {.store = STORE_NONE}}};
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

/* --- which ------------------------------------------------------------------------------------ */

/* All that is pending. */
static int find_pending(sd_bus *bus, char ***ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    int r = read_declarations(&declarations);

    for (size_t i = 0; r == RESULT_DONE && i < declarations.n_items; i++) {
        const Declaration *declaration = declarations.items + i;
        Service service = {.store = STORE_NONE};

        if (!declaration->enabled || declaration_is_broken(declaration))
            continue;
        if (service_look(declaration, bus, NULL, &service) < 0 ||
            (is_pending(&service) && strv_append(ret, declaration->name) < 0))
            r = complain_memory();
        service_free(&service);
    }
    return r;
}

static int check_names(char **names)
{
    if (options.all && *names)
        complain("either names or --all");
    else if (!options.all && !*names)
        complain("'rehearse' needs a name, or --all for all that is pending");
    else
        return RESULT_DONE;
    return RESULT_USAGE;
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
    sd_bus *bus;
    int result = check_names(names);

    if (result == RESULT_DONE)
        result = require_root("rehearse");
    if (result != RESULT_DONE)
        return result;
    bus = service_bus();
    if (!bus) {
        complain("systemd cannot be reached, in a unit of which a rehearsal runs");
        return RESULT_FAILED;
    }
    interrupt_catch();
    options.quiet = options.quiet || all; /* standard output is JSON */
    if (options.all)
        result = find_pending(bus, &pending);
    if (result == RESULT_DONE && options.all && !pending && !all)
        say("Nothing is pending.");
    if (result == RESULT_DONE)
        result = rehearse_each(bus, options.all ? pending : names, all);
    if (all)
        print_json(all);
    sd_bus_flush_close_unref(bus);
    return result;
}
