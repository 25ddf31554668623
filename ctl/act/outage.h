/* SPDX-License-Identifier: MIT */
/* The units that go down for a migration, and those that come up again. */
#pragma once

#include "act/jobs.h"
#include "basic/result.h"
#include "declare/declaration.h"

typedef struct Outage {
    char **stop;    /* units of the service and of older software that are up */
    char **start;   /* units to start afterwards: these, and those that go down with them */
    char **sockets; /* sockets that have failed while the service was down */
} Outage;

/* Connects to systemd, for a verb that needs root and stops services. RESULT_DONE, or RESULT_FAILED,
 * which is said. */
Result outage_connect(const char *verb, sd_bus **ret) _must_check_;

/* Finds the units. With revive, enabled and failed units count as if they were up, and failed
 * sockets are found, too. 0 or a negative errno. */
int outage_find(sd_bus *bus, const Declaration *declaration, bool revive, Outage *ret) _must_check_;
void outage_free(Outage *outage);

/* Stops them and waits. RESULT_DONE; or RESULT_FAILED or STATUS_INTERRUPTED, which is said: then
 * the units are being started again. */
int outage_begin(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* Starts them and waits. RESULT_DONE; or, which is said, RESULT_ATTENTION if a unit did not start,
 * RESULT_FAILED if out of memory, STATUS_INTERRUPTED. */
int outage_end(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* Starts them without waiting: systemd queues the jobs after a running migration. */
void outage_leave(const Outage *outage, Jobs *jobs);
