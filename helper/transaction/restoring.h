/* SPDX-License-Identifier: MIT */
/* The steps of a restore that recovery repeats. They put the backup where a swap expects the clone.
 */
#pragma once

#include "transaction/flight.h"

/* Makes the backup of that id the clone of the flight. 0 or a negative errno, some with
 * reterr_what. */
int restore_bring(Flight *flight, const char *backup, char **reterr_what) _must_check_;
/* Before the first exchange: puts the backup back in its place, and removes the record. The same.
 */
int restore_put_back(Flight *flight, const char *backup, char **reterr_what) _must_check_;

/* After the swap, with "concluding" in the record: removes the empty directories that the backup
 * has replaced. Repeatable. 0 or a negative errno. */
int restore_drop_emptied(const Flight *flight) _must_check_;

/* Recovers phase "restoring": finishes the swap if anything was exchanged, else puts the backup
 * back. Removes only the record. Repeatable at every point. 0 or a negative errno, some with
 * reterr_what. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;

/* After the swap: concludes the transaction. The record says "restoring" until it goes. Repeatable.
 * 0 or a negative errno. */
int restore_conclude(Flight *flight) _must_check_;
