/* SPDX-License-Identifier: MIT */
/* Back to where a transaction began: what has not been committed is undone. */
#pragma once

#include "sandbox/sandbox.h"
#include "transaction/flight.h"

typedef enum RollbackOutcome {
    ROLLBACK_DONE = 0,
    ROLLBACK_LASTING = 1, /* but what a script did outside the state has no Restore= */
    ROLLBACK_STUCK = 2,   /* not yet: reterr_what says why; the record stays */
} RollbackOutcome;

/* Undoes the effects that have begun, puts the clones back where scripts ran on the live state, and
 * sets the stamps to "from" again (unless something lasts: then nothing says what the state is at).
 * The clones stay, to be dropped by flight_discard(). trees are what scripts ran on; NULL after a
 * crash: they are looked up. Repeatable at every point. ROLLBACK_…. */
RollbackOutcome rollback(Flight *flight, const SandboxTree *trees, char **reterr_what) _must_check_;
