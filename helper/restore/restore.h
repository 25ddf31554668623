/* SPDX-License-Identifier: MIT */
/* Bringing a backup back, by swap; settling that after a crash. */
#pragma once

#include "transaction/flight.h"
#include "transaction/transaction.h"

typedef struct RestoreOrder {
    const char *id; /* of the backup */
    bool force;     /* also where the software does not take its version */
    bool untouched; /* only if nothing has been written to what is live now */
    bool onwards;   /* it is migrated from there to what the software takes */
} RestoreOrder;

/* Exchanges the state with a backup. The caller holds the lock, has settled what was in flight, and
 * has found the places, which are those of the backup then. A Result; everything that happened has
 * been logged. */
Result restore_run(Run *run, const RestoreOrder *order) _must_check_;

/* Exchanges the state with a backup; force: also where the software does not take that version.
 * */
int verb_restore(const char *name, const char *id, bool force) _must_check_;
