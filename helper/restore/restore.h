/* SPDX-License-Identifier: MIT */
/* Restores a backup, by a swap. */
#pragma once

#include "transaction/flight.h"
#include "transaction/transaction.h"

typedef struct RestoreOrder {
    const char *id; /* the id of the backup */
    bool force;     /* restore even if the software does not accept the version */
    bool untouched; /* restore only if nobody has written to the live state */
    bool unasked;   /* as TransactionRecord.unasked */
    bool onwards;   /* a migration to the version that the software accepts follows */
} RestoreOrder;

/* Exchanges the state with a backup. The caller holds the lock, has recovered, and has found the
 * places, which describe the backup afterwards. Logs everything that happens. Returns a Result. */
Result restore_run(Run *run, const RestoreOrder *order) _must_check_;

/* Restore the backup ID of service NAME, for migratectl restore. The forced verb restores even if
 * the software does not accept the version. See verbs.h. */
int verb_restore(char **arguments) _must_check_;
int verb_restore_forced(char **arguments) _must_check_;
