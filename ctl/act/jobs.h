/* SPDX-License-Identifier: MIT */
/* Requests jobs of systemd, and waits for their end. */
#pragma once

#include "basic/time.h"
#include "system/bus.h"

/* The exit status after Ctrl-C, as shells return it (128 + SIGINT). Jobs of systemd continue. */
#define STATUS_INTERRUPTED 130

typedef struct Job {
    char *unit, *path;
    char *result; /* "done", "failed", "dependency", …; NULL: the job has not ended */
} Job;

typedef struct Jobs {
    sd_bus *bus;
    sd_bus_slot *slot;
    Job *items;
    size_t n_items;
    bool lost; /* out of memory: a result could not be stored */
} Jobs;

/* Begins to listen for the ends of jobs. Call this before the first job. Borrows bus. Returns 0 or
 * a negative errno. */
int jobs_begin(Jobs *jobs, sd_bus *bus) _must_check_;
void jobs_end(Jobs *jobs);

/* Requests a job; method is "StartUnit" or "StopUnit". Returns 0, or a negative errno after
 * printing the reason. */
int jobs_add(Jobs *jobs, const char *method, const char *unit) _must_check_;

/* Waits for the end of all jobs, and calls tick a few times a second. Returns 0, -EINTR after
 * Ctrl-C, or a negative errno if the connection to systemd is lost. */
int jobs_wait(Jobs *jobs, void (*tick)(void *userdata), void *userdata) _must_check_;
/* Returns the result of the unit's last job. NULL: the job has not ended. */
const char *jobs_result(const Jobs *jobs, const char *unit);

/* Makes Ctrl-C end jobs_wait() instead of the program. */
void interrupt_catch(void);
bool interrupted(void);
/* Forgets an earlier Ctrl-C, so that jobs_wait() can be called again. */
void interrupt_forget(void);

/* Call methods of PID 1 that make no job. Return 0, or a negative errno after printing the
 * reason. */
int jobs_reload(sd_bus *bus) _must_check_;
int jobs_reset_failed(sd_bus *bus, const char *unit) _must_check_;
/* Resets the failures of KIND@NAME.service, kind being "migrate" or a pattern: once they are settled
 * otherwise, they would only keep the system degraded. bus may be NULL. */
void jobs_forget_failures(sd_bus *bus, const char *kind, const char *name);
