/* SPDX-License-Identifier: MIT */
/* Does the steps of a restore that recovery repeats. They put the backup where a swap expects the
 * clone. */
#pragma once

#include "transaction/flight.h"

/* Makes the backup with that id the clone of the flight. Returns 0 or a negative errno; some errors
 * set reterr_what. */
int restore_bring(Flight *flight, const char *backup, char **reterr_what) _must_check_;
/* Puts the backup back in its place, and removes the record. Called before the first exchange.
 * Returns 0 or a negative errno; some errors set reterr_what. */
int restore_put_back(Flight *flight, const char *backup, char **reterr_what) _must_check_;

/* Removes the empty directories that the backup has replaced. Called after the swap, with
 * "concluding" in the record. Repeatable. Returns 0 or a negative errno. */
int restore_drop_emptied(const Flight *flight) _must_check_;

/* Recovers phase "restoring": finishes the swap if anything was exchanged, else puts the backup
 * back. Removes only the record. Repeatable at every point. Returns 0 or a negative errno; some
 * errors set reterr_what. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;

/* Concludes the transaction after the swap. The record says "restoring" until it is removed.
 * Repeatable. Returns 0 or a negative errno. */
int restore_conclude(Flight *flight) _must_check_;
