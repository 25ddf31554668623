/* SPDX-License-Identifier: MIT */
/* Which processes, units and devices use the state. */
#pragma once

#include "declare/declaration.h"
#include "place/place.h"
#include "system/log.h"

typedef enum InUse {
    IN_USE_IDLE = 0,
    IN_USE_BUSY = 1, /* reterr_what names the users, and the commands to run */
} InUse;

/* An InUse or a negative errno. The state is idle if the service's units are inactive, and if no
 * process of any namespace could write to the state: by an open file, a mapping, a mount or its
 * root directory. No loop device, swap file or mount may be in it either. Stops nothing, since that
 * would cancel the jobs that wait for this unit. */
int in_use_check(const Declaration *declaration, const Place *places, size_t n_places,
                 char **reterr_what) _must_check_;

/* After the swap: warns in the journal of processes that still use the original, which is a backup
 * now, even if they only read it. place->fd must still be the directory that was cloned. */
void in_use_report_holders(const Place *places, size_t n_places, const LogContext *log);

/* After a migration: starts sockets and paths again that failed because the service was held back.
 * Does not wait for them; a failure is a warning in the journal. */
void in_use_revive(const Declaration *declaration, const LogContext *log);
