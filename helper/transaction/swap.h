/* SPDX-License-Identifier: MIT */
/* The swap: exchanges the clones with the state, which becomes the backup. */
#pragma once

#include "transaction/flight.h"

typedef enum SwapOutcome {
    SWAP_DONE = 0,
    SWAP_NONE = 1,  /* nothing is exchanged, and the state is as it was */
    SWAP_STUCK = 2, /* something is exchanged, and recovery has to finish the swap */
} SwapOutcome;

/* Exchanges all directories for the first time. All clones must be complete, on disk and
 * (PLACE_EXCHANGE) marked, and the record written. Unless the result is SWAP_DONE, reterr_what has
 * the reason. */
SwapOutcome swap_all(Flight *flight, char **reterr_what) _must_check_;

/* Finishes a swap after a crash if anything was exchanged, by marks or names. Returns SWAP_DONE,
 * SWAP_NONE if nothing was exchanged, or a negative errno; some errors set reterr_what. Repeatable
 * at every point. */
int swap_finish(Flight *flight, char **reterr_what) _must_check_;
/* Does the same, but also if nothing was exchanged: exchanges every directory whose clone is not
 * live, to put clones back. */
int swap_resume(Flight *flight, char **reterr_what) _must_check_;

/* Marks the root of a clone (TREE_MARK), which tells clone and original apart after a crash. The
 * mark stays on the state; each transaction has its own mark. Returns 0 or a negative errno. */
int swap_mark(int fd, const char *id) _must_check_;
