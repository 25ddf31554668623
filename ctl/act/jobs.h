/* SPDX-License-Identifier: MIT */
/* Jobs of systemd: requesting them and waiting for their end. */
#pragma once

#include "basic/time.h"
#include "system/bus.h"

/* The exit status after Ctrl-C, as shells have it. Work that systemd was asked for goes on. */
#define STATUS_INTERRUPTED 130

typedef struct Job {
    char *unit, *path;
    char *result; /* "done", "failed", "dependency", …; NULL: it has not ended */
} Job;

typedef struct Jobs {
    sd_bus *bus;
    sd_bus_slot *slot;
    Job *items;
    size_t n_items;
    bool lost; /* out of memory: a result could not be stored */
} Jobs;

/* Listens for the ends of jobs; call it before the first one. bus is borrowed. 0 or a negative
 * errno. */
int jobs_begin(Jobs *jobs, sd_bus *bus) _must_check_;
void jobs_end(Jobs *jobs);

/* Requests a job; method is "StartUnit" or "StopUnit". 0, or a negative errno, which is said. */
int jobs_add(Jobs *jobs, const char *method, const char *unit) _must_check_;

/* Waits for the end of all jobs, and calls tick a few times a second. 0, -EINTR after Ctrl-C, or a
 * negative errno if the connection to systemd is lost. */
int jobs_wait(Jobs *jobs, void (*tick)(void *userdata), void *userdata) _must_check_;
/* The result of the unit's last job; NULL: it has not ended. */
const char *jobs_result(const Jobs *jobs, const char *unit);

/* From then on Ctrl-C ends jobs_wait() instead of the program. */
void interrupt_catch(void);
bool interrupted(void);
/* Forgets Ctrl-C, so that jobs_wait() can be called again. */
void interrupt_forget(void);

/* Methods of the manager without a job. 0, or a negative errno, which is said. */
int jobs_reload(sd_bus *bus) _must_check_;
int jobs_reset_failed(sd_bus *bus, const char *unit) _must_check_;
