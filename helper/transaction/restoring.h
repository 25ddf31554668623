/* SPDX-License-Identifier: MIT */
/* The steps of a restore that recovery repeats: before the swap, a backup goes to where a swap
 * expects the clone. Each function is repeatable at every point, and returns 0 or a negative errno;
 * some errors set reterr_what. */
#pragma once

#include "transaction/flight.h"

/* Makes the backup with that id the clone of the flight. */
int restore_bring(Flight *flight, const char *backup, char **reterr_what) _must_check_;
/* Puts the backup back in its place, and removes the record. Called before the first exchange. */
int restore_put_back(Flight *flight, const char *backup, char **reterr_what) _must_check_;
/* Concludes the restore after the swap. The phase stays "restoring" until the record is removed. */
int restore_conclude(Flight *flight) _must_check_;
/* Removes the empty directories that the backup of a lost state has replaced. Called after the
 * swap, with "concluding" in the record. */
int restore_drop_emptied(const Flight *flight) _must_check_;

/* Recovers phase "restoring": finishes the swap if anything was exchanged, else puts the backup
 * back. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;
