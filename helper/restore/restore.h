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
int restore_run(Run *run, const RestoreOrder *order) _must_check_;

/* Adds a sentence to *reasons for everybody of whose state a part lives in this one, and would be
 * at another version in that backup. 0 or a negative errno. restore/guests.c. */
int restore_name_guests(const Run *run, const char *id, char ***reasons) _must_check_;

/* Of a transaction in phase "restoring": where anything was exchanged, finishes it forwards; else
 * the backup goes back to its place. Removes nothing but the record. Repeatable at every point. 0
 * or a negative errno, with reterr_what where there is more to say. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;
