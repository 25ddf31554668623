/* SPDX-License-Identifier: MIT */
/* Finds the processes, units and devices that use the state. */
#pragma once

#include "declare/declaration.h"
#include "place/place.h"
#include "system/log.h"

typedef enum InUse {
    IN_USE_IDLE = 0,
    IN_USE_BUSY = 1, /* reterr_what names the users, and the commands to run */
} InUse;

/* Checks whether the state is idle: the service's units are inactive, and no process of any
 * namespace could write to the state, by an open file, a mapping, a mount or its root directory. No
 * loop device, swap file or mount may be in the state either. Stops nothing, since stopping would
 * cancel the jobs that wait for this unit. Returns an InUse or a negative errno. */
int in_use_check(const Declaration *declaration, const Place *places, size_t n_places,
                 char **reterr_what) _must_check_;

/* Does the same for a service that may still run: leaves out the units that migratectl start stops.
 * So other users of the state are found before any unit is stopped. */
int in_use_check_others(const Declaration *declaration, const Place *places, size_t n_places,
                        char **reterr_what) _must_check_;

/* Warns in the journal of processes that still use the original, even only for reading. Called
 * after the swap: the original is a backup now, and place->fd is still the directory that was
 * cloned. */
void in_use_report_holders(const Place *places, size_t n_places, const LogContext *log);

/* Starts socket and path units again that failed because the service could not start. Called after
 * a migration. Does not wait for the units; a failure is a warning in the journal. */
void in_use_revive(const Declaration *declaration, const LogContext *log);
