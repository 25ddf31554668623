/* SPDX-License-Identifier: MIT */
/* Requests jobs of systemd over sd-bus. See org.freedesktop.systemd1(5). */
#include "act/jobs.h"

#include "terminal/output.h"

#include <assert.h>
#include <signal.h>

/* A reload waits for all generators, whose common time limit is 90 s. */
#define RELOAD_TIMEOUT_USEC (UINT64_C(180) * 1000000)
#define TICK_USEC           (UINT64_C(200) * 1000)

static volatile sig_atomic_t caught;

static void handle_signal(int signal)
{
    caught = signal;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = handle_signal}; /* without SA_RESTART, so that the
                                                              * signal ends a wait */

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* the reader of the output may exit, but the service must still
                               * start again */
}

bool interrupted(void)
{
    return caught != 0;
}

void interrupt_forget(void)
{
    caught = 0;
}

static int handle_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    Jobs *jobs = userdata;
    const char *path, *result;

    if (sd_bus_message_read(message, "uoss", NULL, &path, NULL, &result) < 0)
        return 0;
    for (size_t i = 0; i < jobs->n_items; i++)
        if (!jobs->items[i].result && streq(jobs->items[i].path, path)) {
            jobs->items[i].result = strdup(result);
            jobs->lost = jobs->lost || !jobs->items[i].result;
        }
    return 0;
}

int jobs_begin(Jobs *jobs, sd_bus *bus)
{
    int r;

    *jobs = (Jobs){.bus = bus};
    /* No sender is matched, because PID 1 has no bus name on the private socket. */
    r = sd_bus_match_signal(bus, &jobs->slot, NULL, "/org/freedesktop/systemd1",
                            "org.freedesktop.systemd1.Manager", "JobRemoved", handle_removed, jobs);
    if (r >= 0)
        r = sd_bus_call_method(bus, BUS_MANAGER, "Subscribe", NULL, NULL, NULL);
    /* Subscribe fails if the connection has subscribed before. */
    return r < 0 && !jobs->slot ? r : 0;
}

void jobs_end(Jobs *jobs)
{
    sd_bus_slot_unref(jobs->slot);
    for (size_t i = 0; i < jobs->n_items; i++) {
        free(jobs->items[i].unit);
        free(jobs->items[i].path);
        free(jobs->items[i].result);
    }
    free(jobs->items);
    *jobs = (Jobs){};
}

int jobs_add(Jobs *jobs, const char *method, const char *unit)
{
    _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    const char *path;
    Job *job = NULL;
    int r;

    assert(jobs->slot); /* jobs_begin() has begun to listen */
    r = sd_bus_call_method(jobs->bus, BUS_MANAGER, method, &error, &reply, "ss", unit, "replace");
    if (r >= 0)
        r = sd_bus_message_read(reply, "o", &path);
    if (r >= 0) {
        /* Only jobs_wait() dispatches signals, so the end of this job cannot have been missed. */
        job = ARRAY_GROW(jobs->items, jobs->n_items);
        if (job)
            *job = (Job){.unit = strdup(unit), .path = strdup(path)};
        r = job && job->unit && job->path ? 0 : -ENOMEM;
    }
    if (r < 0)
        complain("%s: %s", unit, error.message ? error.message : strerror(-r));
    return r < 0 ? r : 0;
}

static bool all_through(const Jobs *jobs)
{
    for (size_t i = 0; i < jobs->n_items; i++)
        if (!jobs->items[i].result)
            return false;
    return true;
}

int jobs_wait(Jobs *jobs, void (*tick)(void *userdata), void *userdata)
{
    uint64_t last = 0, now;

    while (!all_through(jobs)) {
        int r = sd_bus_process(jobs->bus, NULL);

        if (r == 0)
            r = sd_bus_wait(jobs->bus, TICK_USEC);
        if (interrupted())
            return -EINTR;
        if (r < 0 && r != -EINTR)
            return r;
        if (jobs->lost)
            return -ENOMEM;
        now = time_monotonic();
        if (tick && now - last >= TICK_USEC) { /* not for each signal */
            tick(userdata);
            last = now;
        }
    }
    return 0;
}

const char *jobs_result(const Jobs *jobs, const char *unit)
{
    for (size_t i = jobs->n_items; i > 0; i--)
        if (streq(jobs->items[i - 1].unit, unit))
            return jobs->items[i - 1].result;
    return NULL;
}

int jobs_reload(sd_bus *bus)
{
    _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
    int r = sd_bus_message_new_method_call(bus, &message, BUS_MANAGER, "Reload");

    if (r >= 0)
        r = sd_bus_call(bus, message, RELOAD_TIMEOUT_USEC, &error, NULL);
    if (r < 0)
        complain("systemd could not reload its units: %s. Run: systemctl daemon-reload",
                 error.message ? error.message : strerror(-r));
    return r < 0 ? r : 0;
}

int jobs_reset_failed(sd_bus *bus, const char *unit)
{
    _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
    int r = sd_bus_call_method(bus, BUS_MANAGER, "ResetFailedUnit", &error, NULL, "s", unit);

    if (r < 0)
        complain("%s: %s", unit, error.message ? error.message : strerror(-r));
    return r < 0 ? r : 0;
}

void jobs_forget_failures(sd_bus *bus, const char *kind, const char *name)
{
    _cleanup_free_ char *pattern = strprintf("%s@%s.service", kind, name);
    _cleanup_strv_ char **failed = NULL;

    if (bus && pattern && bus_list_units(bus, "failed", pattern, &failed) == 0)
        STRV_FOREACH (unit, failed)
            if (jobs_reset_failed(bus, *unit) < 0)
                return;
}
