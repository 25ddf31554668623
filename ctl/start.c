/* SPDX-License-Identifier: MIT */
/* migratectl start and retry: stop, migrate, start again. What can be found out is found out while
 * the service still runs. */
#include "ctl.h"
#include "detail.h"
#include "follow.h"
#include "helper.h"
#include "outage.h"

#include <fcntl.h>

/* One service that is being taken along. */
typedef struct Start {
    sd_bus *bus;
    const char *name;
    bool retry;
    Declarations declarations;
    const Declaration *declaration;
    Service service;
    Jobs jobs;
    Outage outage;
} Start;

static void start_free(Start *start)
{
    outage_free(&start->outage);
    jobs_end(&start->jobs);
    service_free(&start->service);
    declarations_free(&start->declarations);
}

static int look(Start *start)
{
    int r;

    service_free(&start->service);
    declarations_free(&start->declarations);
    r = read_declarations(&start->declarations);
    if (r != RESULT_DONE)
        return r;
    start->declaration = declarations_find(&start->declarations, start->name);
    if (!start->declaration)
        return refuse_undeclared(start->name);
    if (declaration_is_broken(start->declaration))
        return refuse_invalid(start->declaration);
    if (service_look(start->declaration, start->bus, NULL, &start->service) < 0)
        return complain_memory();
    return RESULT_DONE;
}

/* The condition of migrate@.service: with migrate=off nothing is migrated on this boot. */
static bool migrations_are_off(void)
{
    bool container = access("/run/systemd/container", F_OK) == 0;
    _cleanup_free_ char *text = NULL;
    char *state = NULL;
    size_t size;

    if (read_file_at(AT_FDCWD, container ? "/proc/1/cmdline" : "/proc/cmdline", 1U << 20, &text,
                     &size) < 0)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    for (char *word = strtok_r(text, " \n", &state); word; word = strtok_r(NULL, " \n", &state))
        if (streq(word, "migrate=off"))
            return true;
    return false;
}

/* --- may it be started? ----------------------------------------------------------------------- */

/* RESULT_DONE: there is something to do, and nothing that is known stands in the way. With
 * *ret_idle there is nothing to do. Else why not, which is said. */
static int may_start(const Start *start, bool *ret_idle)
{
    const Service *service = &start->service;
    const char *name = start->name, *what = service->what ? service->what : "";

    *ret_idle = false;
    switch (service->condition) {
    case CONDITION_CURRENT:
        say("%s: the state is at version %s: nothing to do", name, service->version);
        *ret_idle = true;
        return RESULT_DONE;
    case CONDITION_FRESH:
        say("%s: nothing to migrate: %s", name, what);
        *ret_idle = true;
        return RESULT_DONE;
    case CONDITION_INERT:
        complain("%s: no Version= is declared, so nothing is pending. To declare one: migratectl "
                 "enable %s",
                 name, name);
        return RESULT_REFUSED;
    case CONDITION_APPROVAL:
        complain("%s: the migration from %s to %s waits for approval: %s", name, service->plan.from,
                 service->plan.to, what);
        complain("%s: nothing was stopped. How to approve it: migratectl plan %s", name, name);
        return RESULT_APPROVAL;
    case CONDITION_FAILED:
        complain("%s: %s", name, what);
        complain("%s: nothing was stopped. Mend the cause, then type: migratectl retry %s", name,
                 name);
        return RESULT_FAILED;
    case CONDITION_DEFERRED:
        complain("%s: %s", name, what);
        complain("%s: nothing was stopped. To migrate after all: systemctl unmask %s", name,
                 service->migration_unit);
        return RESULT_DEFERRED;
    case CONDITION_ACCEPTED:
        if (service->failed_before) {
            complain("%s: %s. Mend the cause, then type: migratectl retry %s", name, what, name);
            return RESULT_FAILED;
        }
        if (!service->has_plan) {
            complain("%s: the software runs on version %s, and no migration leads from there to %s",
                     name, service->version, start->declaration->version.value);
            return RESULT_REFUSED;
        }
        if (service->reasons && !service->approved) {
            complain("%s: the migration from %s to %s waits for approval: migratectl plan %s", name,
                     service->plan.from, service->plan.to, name);
            return RESULT_APPROVAL;
        }
        if (streq_null(service->migration.load, "masked")) {
            complain("%s: %s is masked. To migrate: systemctl unmask %s", name,
                     service->migration_unit, service->migration_unit);
            return RESULT_DEFERRED;
        }
        return RESULT_DONE;
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
    case CONDITION_IN_FLIGHT:
        return RESULT_DONE;
    default:
        complain("%s: %s", name, what);
        complain("%s: nothing was stopped.%s%s", name, service->next ? " Type: " : "",
                 service->next ? service->next : "");
        return service->condition == CONDITION_UNREADABLE ? RESULT_FAILED : RESULT_REFUSED;
    }
}

/* --- the migration ---------------------------------------------------------------------------- */

/* The condition of migrate@.service does not see that a state which is accepted is to be moved on.
 */
static int request(const Start *start, bool wanted)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_json_ json_object *record = json_object_new_object();
    int r;

    if (start->service.condition != CONDITION_ACCEPTED)
        return RESULT_DONE;
    r = store_open(NULL, start->name, true, &store);
    if (r == 0 && wanted) {
        _cleanup_free_ char *now = time_format(time_now());

        json_add_string(record, "requested", now);
        r = record_write(&store, RECORD_REQUESTED, record);
    } else if (r == 0)
        r = record_remove(&store, RECORD_REQUESTED);
    if (r < 0) {
        complain("%s: cannot write " STORE_DIRECTORY "/%s/" RECORD_REQUESTED ": %s", start->name,
                 start->name, strerror(-r));
        return RESULT_FAILED;
    }
    return RESULT_DONE;
}

/* How the helper ended, as systemd saw it. */
static int exit_status(const Start *start)
{
    int32_t code = 0, status = RESULT_FAILED;

    /* 1: CLD_EXITED, waitid(2) */
    if (unit_integer(start->bus, start->service.migration_unit, "Service", "ExecMainCode", &code) <
            0 ||
        unit_integer(start->bus, start->service.migration_unit, "Service", "ExecMainStatus",
                     &status) < 0 ||
        code != 1 || status == RESULT_DONE || status > RESULT_INVALID)
        return RESULT_FAILED;
    return status;
}

static void say_success(const Start *start, const char *from)
{
    const Service *service = &start->service;
    _cleanup_json_ json_object *newest = NULL;
    _cleanup_free_ char *place = NULL, *duration = NULL;
    size_t n;

    if (service->condition == CONDITION_FRESH || !service->version) {
        say("%s: %s", start->name, service->what ? service->what : "nothing was to be done");
        return;
    }
    if (service_backups(service, &newest, &place, &n) < 0 || !newest ||
        !streq_null(json_string(newest, "to"), service->version)) {
        say("%s: the state is at version %s", start->name, service->version);
        return;
    }
    duration = detail_duration(json_integer(newest, "duration"));
    say("%s: migrated from %s to %s in %s; the original is kept in %s", start->name,
        from ? from : json_string(newest, "from"), service->version, duration ? duration : "?",
        place ? place : "?");
}

static int conclude(Start *start, Follow *follow, int waited)
{
    /* Looking again replaces what was found before. */
    _cleanup_free_ char *unit = strdup(start->service.migration_unit);
    _cleanup_free_ char *from = start->service.version ? strdup(start->service.version) : NULL;
    const char *result;
    int status = RESULT_FAILED, r;

    if (!unit)
        return complain_memory();
    result = jobs_result(&start->jobs, unit);
    if (waited == -EINTR) {
        complain("%s: interrupted, but the migration goes on. To see how far it is: systemctl "
                 "status %s",
                 start->name, unit);
        if (start->outage.start)
            complain("%s: the service starts when it is done. To stop the migration, which leaves "
                     "the state as it is: systemctl stop %s",
                     start->name, unit);
        interrupt_forget();
        outage_leave(&start->outage, &start->jobs);
        return STATUS_INTERRUPTED;
    }
    if (waited < 0) {
        complain("%s: lost the connection to systemd: %s. The migration goes on; to see how far it "
                 "is: systemctl status %s",
                 start->name, strerror(-waited), unit);
        return RESULT_FAILED;
    }
    if (!streq_null(result, "done")) {
        status = exit_status(start);
        follow_print_last(follow);
        complain("%s: %s", start->name,
                 streq_null(result, "dependency")
                     ? "a unit that the migration requires did not start"
                 : streq_null(result, "canceled") ? "the migration was canceled"
                 : streq_null(result, "timeout")  ? "the migration ran out of time"
                                                  : "the migration was not done");
    }
    r = look(start);
    if (r != RESULT_DONE)
        return r;
    if (streq_null(result, "done")) {
        if (start->service.condition == CONDITION_CURRENT ||
            start->service.condition == CONDITION_FRESH ||
            (start->service.condition == CONDITION_ACCEPTED &&
             !streq_null(from, start->service.version))) {
            say_success(start, from);
            return RESULT_DONE;
        }
        complain("%s: %s has ended, but the state is %s: journalctl -u %s", start->name, unit,
                 condition_name(start->service.condition), unit);
    }
    return status;
}

/* After a failure: what may start on the state as it is, starts again; the rest stays down. */
static int go_back(Start *start, int status)
{
    bool open = start->service.condition == CONDITION_ACCEPTED ||
                start->service.condition == CONDITION_CURRENT;
    _cleanup_free_ char *down = strv_join(start->outage.start, ", ");

    if (!start->outage.start)
        return status;
    if (open && outage_end(&start->outage, &start->jobs, start->name) == RESULT_DONE)
        complain("%s: the service runs again, on its state as it was (version %s)", start->name,
                 start->service.version);
    else if (!open)
        complain("%s: down until the state is migrated: %s", start->name, down ? down : "?");
    return status;
}

static int migrate(Start *start)
{
    Follow follow;
    int r, status;

    r = jobs_add(&start->jobs, "StartUnit", start->service.migration_unit);
    if (r < 0)
        return RESULT_FAILED;
    follow_begin(&follow, start->bus, start->service.migration_unit);
    r = jobs_wait(&start->jobs, follow_tick, &follow);
    follow_settle(&follow, r == 0);
    status = conclude(start, &follow, r);
    follow_end(&follow);
    return status;
}

/* While the service runs: can it be done at all? */
static int prepare(Start *start, bool *ret_idle)
{
    int r;

    r = may_start(start, ret_idle);
    if (r != RESULT_DONE || *ret_idle)
        return r;
    if (migrations_are_off()) {
        complain(
            "%s: 'migrate=off' is on the kernel command line, so nothing is migrated until the "
            "next boot without it. Nothing was stopped",
            start->name);
        return RESULT_DEFERRED;
    }
    /* The gates must be those of the declaration that the helper reads. */
    if (jobs_reload(start->bus) < 0)
        return RESULT_FAILED;
    r = helper_call("check", start->name, NULL);
    if (r != RESULT_DONE)
        complain("%s: nothing was stopped", start->name);
    return r;
}

/* Somebody else has started it: only watch. */
static int attach(Start *start)
{
    say("%s: a migration is running already", start->name);
    return migrate(start);
}

/* What gave up while the service was held down may be started again. */
static int reset_failed(const Start *start)
{
    for (size_t i = 0; i < start->service.n_units; i++)
        if (!start->service.units[i].old && streq_null(start->service.units[i].active, "failed") &&
            jobs_reset_failed(start->bus, start->service.units[i].unit) < 0)
            return RESULT_FAILED;
    STRV_FOREACH (unit, start->outage.sockets) {
        if (jobs_reset_failed(start->bus, *unit) < 0)
            return RESULT_FAILED;
    }
    return RESULT_DONE;
}

static int take_along(Start *start)
{
    bool idle;
    int r, status;

    r = prepare(start, &idle);
    if (r != RESULT_DONE)
        return r;
    r = outage_find(start->bus, start->declaration, start->retry, &start->outage);
    if (r < 0) {
        complain("%s: cannot ask systemd about its units: %s. Nothing was stopped", start->name,
                 strerror(-r));
        return RESULT_FAILED;
    }
    r = start->retry ? reset_failed(start) : RESULT_DONE;
    if (r != RESULT_DONE)
        return r;
    if (idle) /* what is up stays up */
        return start->retry ? outage_end(&start->outage, &start->jobs, start->name) : RESULT_DONE;
    r = request(start, true);
    if (r == RESULT_DONE)
        r = outage_begin(&start->outage, &start->jobs, start->name);
    if (r != RESULT_DONE) {
        (void)request(start, false);
        return r;
    }
    if (start->service.version)
        say("%s: migrating from %s to %s", start->name, start->service.version,
            start->declaration->version.value);
    else
        say("%s: migrating to %s", start->name, start->declaration->version.value);
    status = migrate(start);
    if (status == STATUS_INTERRUPTED)
        return status;
    if (status != RESULT_DONE) {
        (void)request(start, false);
        return go_back(start, status);
    }
    return outage_end(&start->outage, &start->jobs, start->name);
}

/* "retry": the failure is not to be held against the next attempt. */
static int forgive(Start *start)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_json_ json_object *failed = NULL;
    int r;

    r = store_open(NULL, start->name, false, &store);
    if (r == -ENOENT)
        return RESULT_DONE;
    if (r == 0)
        r = store_lock(&store);
    if (r == 1) {
        complain("%s: a migration is running: systemctl status migrate@%s", start->name,
                 start->name);
        return RESULT_BUSY;
    }
    if (r == 0)
        r = record_read(&store, RECORD_FAILED, &failed);
    if (r == 0) {
        json_add_integer(failed, "retry", 1);
        r = record_write(&store, RECORD_FAILED, failed);
    } else if (r == -EBADMSG) /* it cannot be read, so it keeps nobody from anything */
        r = record_remove(&store, RECORD_FAILED);
    if (r >= 0)
        r = record_remove(&store, RECORD_INTERRUPTED);
    if (r < 0) {
        complain("%s: cannot write to %s: %s", start->name, store.path, strerror(-r));
        return RESULT_FAILED;
    }
    return RESULT_DONE;
}

static int start_one(sd_bus *bus, const char *name, bool retry)
{
    _cleanup_(start_free)
        Start start = {.bus = bus, .name = name, .retry = retry, .service = {.store = STORE_NONE}};
    int r = look(&start);

    if (r != RESULT_DONE)
        return r;
    if (jobs_begin(&start.jobs, bus) < 0)
        return complain_memory();
    if (streq_null(start.service.migration.active, "activating"))
        return attach(&start);
    r = helper_call("settle", name, NULL);
    if (r == RESULT_DONE && retry)
        r = forgive(&start);
    if (r == RESULT_DONE)
        r = look(&start);
    if (r != RESULT_DONE)
        return r;
    return take_along(&start);
}

static int start_all(char **names, const char *verb, bool retry)
{
    sd_bus *bus;
    int result = require_root(verb);

    if (result != RESULT_DONE)
        return result;
    bus = service_bus();
    if (!bus) {
        complain("systemd cannot be reached, and it is systemd that stops and starts services");
        return RESULT_FAILED;
    }
    interrupt_catch();
    STRV_FOREACH (name, names) {
        int r = start_one(bus, *name, retry);

        result = result ? result : r;
        if (r == STATUS_INTERRUPTED)
            break;
    }
    sd_bus_flush_close_unref(bus);
    return result;
}

int ctl_start(char **names)
{
    return start_all(names, "start", false);
}

int ctl_retry(char **names)
{
    return start_all(names, "retry", true);
}
