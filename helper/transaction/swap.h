/* SPDX-License-Identifier: MIT */
/* The swap: exchanges the clones with the state, which becomes the backup. */
#pragma once

#include "transaction/flight.h"

typedef enum SwapOutcome {
    SWAP_DONE = 0,
    SWAP_NONE = 1,  /* nothing is exchanged: the state is as it was */
    SWAP_STUCK = 2, /* something is exchanged: recovery has to go on */
} SwapOutcome;

/* The first time. All clones are complete, on disk and (PLACE_EXCHANGE) marked, and the record is
 * written. reterr_what has the reason if it is not SWAP_DONE. */
SwapOutcome swap_all(Flight *flight, char **reterr_what) _must_check_;

/* After a crash: finishes a swap in which anything was exchanged, by marks or names. SWAP_DONE;
 * SWAP_NONE if nothing was exchanged; or a negative errno, some with reterr_what. Repeatable at
 * every point. */
int swap_finish(Flight *flight, char **reterr_what) _must_check_;

/* Exchanges everything that is not exchanged, to put clones back. Repeatable. 0 or a negative
 * errno, as above. */
int swap_resume(Flight *flight, char **reterr_what) _must_check_;

/* Marks the root of a clone (TREE_MARK), which tells clone and original apart after a crash. The
 * mark stays on the state; each transaction has its own. 0 or a negative errno. */
int swap_mark(int fd, const char *id) _must_check_;
