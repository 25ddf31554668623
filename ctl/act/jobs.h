/* SPDX-License-Identifier: MIT */
/* Jobs of systemd: asking for them and waiting until they are through. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>

/* The exit status after Ctrl-C, as shells have it. Work that systemd was asked for goes on. */
#define STATUS_INTERRUPTED 130

typedef struct Job {
    char *unit, *path;
    char *result; /* "done", "failed", "dependency", …; NULL: not through yet */
} Job;

typedef struct Jobs {
    sd_bus *bus;
    sd_bus_slot *slot;
    Job *items;
    size_t n_items;
    bool lost; /* memory was short while a result came in */
} Jobs;

/* Begins to listen, which must come before the first job. bus is borrowed. 0 or a negative errno.
 */
int jobs_begin(Jobs *jobs, sd_bus *bus) _must_check_;
void jobs_end(Jobs *jobs);

/* Asks for a job; method is "StartUnit" or "StopUnit". 0, or a negative errno after saying why. */
int jobs_add(Jobs *jobs, const char *method, const char *unit) _must_check_;

/* Waits until all are through. Calls tick a few times a second. 0, -EINTR after Ctrl-C, or a
 * negative errno when systemd is gone. */
int jobs_wait(Jobs *jobs, void (*tick)(void *userdata), void *userdata) _must_check_;
/* What became of the unit's last job; NULL: nothing yet. */
const char *jobs_result(const Jobs *jobs, const char *unit);

/* Ctrl-C is noticed by jobs_wait() from then on, and ends the program no more. */
void interrupt_catch(void);
bool interrupted(void);
/* Forgets it, so that something can still be waited for. */
void interrupt_forget(void);

uint64_t time_monotonic(void); /* microseconds */

/* The manager's methods without a job. 0, or a negative errno after saying why. */
int jobs_reload(sd_bus *bus) _must_check_;
int jobs_reset_failed(sd_bus *bus, const char *unit) _must_check_;

/* A property of a unit; interface "Unit" or "Service". 0 or a negative errno. */
int unit_strings(sd_bus *bus, const char *unit, const char *property, char ***ret) _must_check_;
int unit_string(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char **ret) _must_check_;
int unit_time(sd_bus *bus, const char *unit, const char *interface, const char *property,
              uint64_t *ret) _must_check_;
int unit_integer(sd_bus *bus, const char *unit, const char *interface, const char *property,
                 int32_t *ret) _must_check_;
