/* SPDX-License-Identifier: MIT */
/* The transaction: copy, migrate the copy, swap. transaction.c tells it in order. */
#pragma once

#include "state/run.h"

/* Takes the state along a plan, from staging to the swap. The caller holds the lock, has settled
 * what was in flight, has found the state at plan->from and called consent_begin(). A Result;
 * everything that happened has been logged. */
Result transaction_run(Run *run, const Plan *plan) _must_check_;

/* Settles what a crash left behind: drops a clone, or finishes a swap that had begun. RESULT_DONE,
 * also when there was nothing; RESULT_BUSY, where somebody whose part lives in this state is at
 * work; or RESULT_ATTENTION. recover.c. */
Result transaction_settle(Store *store, LogContext *log) _must_check_;
