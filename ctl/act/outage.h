/* SPDX-License-Identifier: MIT */
/* Stops the units of a service for a migration, and starts them again. */
#pragma once

#include "act/jobs.h"
#include "basic/result.h"
#include "declare/declaration.h"

typedef struct Outage {
    char **stop;    /* units to stop: running units of the service and of older software */
    char **start;   /* units to start afterwards: the stopped units and their dependents */
    char **revived; /* units in start that were down */
    char **sockets; /* sockets that failed while the service was down */
} Outage;

/* After a failure: leaves units down that were down. */
void outage_forget_revived(Outage *outage);

/* Connects to systemd for a verb that stops services and needs root. Returns RESULT_DONE, or
 * RESULT_FAILED after printing the reason. */
Result outage_connect(const char *verb, sd_bus **ret) _must_check_;

/* Finds the units. With revive, enabled and failed units count as running, and failed sockets are
 * found too. Returns 0 or a negative errno. */
int outage_find(sd_bus *bus, const Declaration *declaration, bool revive, Outage *ret) _must_check_;
/* If no unit would be started, adds those of Unit= that are down. A template has no instance that
 * could be started. Returns 0 or a negative errno. */
int outage_add_all(sd_bus *bus, const Declaration *declaration, Outage *outage) _must_check_;
void outage_free(Outage *outage);

/* Stops the units and waits. Returns RESULT_DONE; or, after printing the reason and starting the units
 * again, RESULT_FAILED or STATUS_INTERRUPTED. */
int outage_begin(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* Starts the units and waits. Returns RESULT_DONE; or, after printing the reason, RESULT_ATTENTION
 * (a unit did not start), RESULT_FAILED (out of memory) or STATUS_INTERRUPTED. */
int outage_end(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* If no unit is to be started, says which are down, and how to start them. */
void outage_say_idle(const Outage *outage, sd_bus *bus, const Declaration *declaration);
/* Requests the start of the units without waiting. systemd queues the jobs after a running
 * migration. */
void outage_leave(const Outage *outage, Jobs *jobs);
