/* SPDX-License-Identifier: MIT */
/* Undoes a transaction before its commit. */
#pragma once

#include "sandbox/sandbox.h"
#include "transaction/flight.h"

typedef enum RollbackOutcome {
    ROLLBACK_DONE = 0,
    ROLLBACK_LASTING = 1, /* a script without Restore= has acted outside of the state, or something
                           * outside has changed the live state (flight->changed) */
    ROLLBACK_STUCK = 2,   /* the transaction cannot be undone yet, for the reason in reterr_what;
                           * the record stays */
} RollbackOutcome;

/* Runs the Restore= hooks, puts back the clones if scripts ran on the live state, and stamps FROM,
 * unless effects remain that nothing undoes. flight_discard() drops the clones afterwards. trees
 * are the directories that the scripts ran on, or NULL after a crash. Repeatable at every point. */
RollbackOutcome rollback(Flight *flight, const SandboxTree *trees, char **reterr_what) _must_check_;
