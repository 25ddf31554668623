/* SPDX-License-Identifier: MIT */
/* Ends a transaction that failed. */
#pragma once

#include "transaction/private.h"

/* Undoes the transaction, which failed with result for the reason in t->what. After
 * RESULT_ATTENTION some directories are exchanged and recovery needs everything, so nothing is
 * undone. Returns result, or RESULT_ATTENTION. */
Result abandon(Transaction *t, Result result) _must_check_;

/* Logs that the migration is committed, but could not be concluded. */
void abandon_log_unconcluded(const Transaction *t, int error);

/* Logs that the effects of a script outside of the state remain, and how to fix the state. */
void abandon_log_lasting(const Flight *flight, const char *unit);
