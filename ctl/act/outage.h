/* SPDX-License-Identifier: MIT */
/* Which units go down for a migration, and which come up again. */
#pragma once

#include "act/jobs.h"
#include "declare/declaration.h"

typedef struct Outage {
    char **stop;    /* units of the service that are up, and of older software */
    char **start;   /* to be started afterwards: those, and what goes down with them */
    char **sockets; /* that gave up while the service was held down */
} Outage;

/* Finds out. With revive, the service is supposed to be up but was held down: units that are
 * enabled or have failed count as if they were up, failed sockets are found too. 0 or a negative
 * errno. */
int outage_find(sd_bus *bus, const Declaration *declaration, bool revive, Outage *ret) _must_check_;
void outage_free(Outage *outage);

/* Stops them and waits. RESULT_DONE; or RESULT_FAILED or STATUS_INTERRUPTED, which is said, and
 * what was stopped is being started again. */
int outage_begin(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* Starts them and waits. RESULT_DONE; RESULT_ATTENTION where one did not start, RESULT_FAILED where
 * memory is short, STATUS_INTERRUPTED: said, too. */
int outage_end(Outage *outage, Jobs *jobs, const char *name) _must_check_;
/* The same without waiting: their jobs queue behind the migration that is running. */
void outage_leave(const Outage *outage, Jobs *jobs);
