/* SPDX-License-Identifier: MIT */
/* Restores a backup, by a swap. */
#pragma once

#include "transaction/flight.h"
#include "transaction/transaction.h"

typedef struct RestoreOrder {
    const char *id; /* of the backup */
    bool force;     /* also if the software does not accept its version */
    bool untouched; /* only if nobody has written to the live state */
    bool onwards;   /* a migration follows, to the version that the software accepts */
} RestoreOrder;

/* Exchanges the state with a backup. The caller holds the lock, has recovered, and has found the
 * places, which become those of the backup. Logs everything that happens. */
Result restore_run(Run *run, const RestoreOrder *order) _must_check_;

/* migratectl restore: NAME ID; with --force also if the software does not accept the version. See
 * verbs.h. */
int verb_restore(char **arguments) _must_check_;
int verb_restore_forced(char **arguments) _must_check_;
