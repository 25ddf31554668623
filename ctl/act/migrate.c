/* SPDX-License-Identifier: MIT */
/* Starts migrate@NAME.service, and follows it. */
#include "act/follow.h"
#include "act/start.h"
#include "show/detail.h"
#include "show/service-json.h"

#include <signal.h>

Result start_request(const Start *start, bool wanted)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r;

    if (!start->service.verdict.accepted)
        return RESULT_DONE;
    r = store_open(NULL, start->name, true, &store);
    if (r == 0)
        r = wanted ? request_write(&store) : record_remove(&store, RECORD_REQUESTED);
    if (r < 0)
        return fail(RESULT_FAILED,
                    "%s: cannot write " STORE_DIRECTORY "/%s/" RECORD_REQUESTED ": %s", start->name,
                    start->name, strerror(-r));
    return RESULT_DONE;
}

static int exit_status(const Start *start)
{
    const char *unit = start->service.facts.migration_unit;
    int32_t code = 0, status = RESULT_FAILED;

    if (unit_property(start->bus, unit, "Service", "ExecMainCode", "i", &code) < 0 ||
        unit_property(start->bus, unit, "Service", "ExecMainStatus", "i", &status) < 0 ||
        code != CLD_EXITED || status == RESULT_DONE || status > RESULT_INVALID)
        return RESULT_FAILED;
    return status;
}

static void say_success(const Start *start, const char *from)
{
    const Service *service = &start->service;
    _cleanup_(transaction_record_free) TransactionRecord newest = {};
    _cleanup_free_ char *place = NULL, *duration = NULL;
    size_t n;

    if (service->condition == CONDITION_FRESH || !service->verdict.version) {
        say("%s: %s", start->name, service->what);
        return;
    }
    if (service_backups(service, &newest, &place, &n) < 0 || n == 0 ||
        !streq_null(newest.to, service->verdict.version)) {
        say("%s: the state is at version %s", start->name, service->verdict.version);
        return;
    }
    duration = detail_duration(newest.duration);
    from = from ? from : newest.from;
    /* On a terminal, the helper's last line, which names this path, is not printed. */
    if (follow_is_live())
        say("%s: migrated from %s to %s in %s; the original is kept in %s", start->name, from,
            service->verdict.version, duration ? duration : "?", place);
    else
        say("%s: migrated from %s to %s in %s", start->name, from, service->verdict.version,
            duration ? duration : "?");
}

static void say_interrupted(const Start *start, const char *unit)
{
    if (start->outage.start)
        complain("%s: interrupted, but the migration goes on, and the service starts after it",
                 start->name);
    else
        complain("%s: interrupted, but the migration goes on", start->name);
    complain("%s: to watch it again, run: migratectl start %s", start->name, start->name);
    complain(
        "%s: to stop it, which leaves the state unchanged and the service down, run: systemctl "
        "stop %s",
        start->name, unit);
}

static int conclude(Start *start, Follow *follow, int waited)
{
    /* start_look() frees the originals of these strings. */
    _cleanup_free_ char *unit = strdup(start->service.facts.migration_unit);
    _cleanup_free_ char *from =
        start->service.verdict.version ? strdup(start->service.verdict.version) : NULL;
    const char *result;
    int status = RESULT_FAILED, r;

    if (!unit)
        return complain_memory();
    result = jobs_result(&start->jobs, unit);
    if (waited == -EINTR) {
        say_interrupted(start, unit);
        interrupt_forget();
        outage_leave(&start->outage, &start->jobs);
        return STATUS_INTERRUPTED;
    }
    if (waited < 0)
        return fail(RESULT_FAILED,
                    "%s: lost the connection to systemd: %s. The migration goes on. Run: systemctl "
                    "status %s",
                    start->name, strerror(-waited), unit);
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
    r = start_look(start);
    if (r != RESULT_DONE)
        return r;
    if (streq_null(result, "done")) {
        if (start->service.condition == CONDITION_CURRENT ||
            start->service.condition == CONDITION_FRESH ||
            start->service.condition == CONDITION_SELF ||
            ((start->service.verdict.accepted ||
              start->service.verdict.outcome == OUTCOME_READABLE) &&
             !streq_null(from, start->service.verdict.version))) {
            say_success(start, from);
            return RESULT_DONE;
        }
        complain("%s: %s has ended, but the state is %s. Run: journalctl -u %s", start->name, unit,
                 condition_name(start->service.condition), unit);
    }
    return status;
}

int start_migrate(Start *start)
{
    const char *unit = start->service.facts.migration_unit;
    Follow follow;
    int r, status;

    /* Earlier starts by a path or socket unit must not use up the start limit. Errors are ignored:
     * a unit that systemd does not know yet has no limit. */
    (void)sd_bus_call_method(start->bus, BUS_MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
    /* Following begins before the job, which may end at once. */
    follow_begin(&follow, start->bus, unit, "run", start->name);
    r = jobs_add(&start->jobs, "StartUnit", unit);
    if (r < 0) {
        follow_end(&follow);
        return RESULT_FAILED;
    }
    r = jobs_wait(&start->jobs, follow_tick, &follow);
    follow_settle(&follow, r == 0);
    status = conclude(start, &follow, r);
    follow_end(&follow);
    return status;
}
