/* SPDX-License-Identifier: MIT */
/* The swap: the clones become the state, what was the state stays beside. */
#pragma once

#include "transaction/flight.h"

typedef enum SwapOutcome {
    SWAP_DONE = 0,
    SWAP_NONE = 1,  /* nothing is swapped: the state is what it was */
    SWAP_STUCK = 2, /* something is: recovery has to go on */
} SwapOutcome;

/* The first time: all clones are complete, on disk and (with PLACE_EXCHANGE) marked, and the record
 * says "swapping". SWAP_…; reterr_what says why it is not SWAP_DONE. */
SwapOutcome swap_all(Flight *flight, char **reterr_what) _must_check_;

/* After a crash in phase "swapping": by the marks, or the names in the transaction, finishes a swap
 * of which anything was done. SWAP_DONE; SWAP_NONE if nothing was: the clones can be dropped; or a
 * negative errno, with reterr_what where there is more to say. Repeatable at every point. */
int swap_finish(Flight *flight, char **reterr_what) _must_check_;

/* Exchanges whatever is not exchanged yet, none included. Repeatable. 0 or a negative errno, as
 * above. */
int swap_resume(Flight *flight, char **reterr_what) _must_check_;

/* The mark (TREE_MARK): an attribute on the clone's root that says which tree is which after a
 * crash in the middle of exchanges. It stays on the state; every transaction has its own. */
int swap_mark(int fd, const char *id) _must_check_;
