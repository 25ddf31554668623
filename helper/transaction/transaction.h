/* SPDX-License-Identifier: MIT */
/* A migration: copy, migrate the copy, swap. transaction.c tells it in order. */
#pragma once

#include "state/run.h"

/* Migrates the state along a plan. The caller holds the lock, has recovered, has found the state at
 * plan->from and has called consent_begin(). Logs everything that happens. */
Result transaction_run(Run *run, const Plan *plan) _must_check_;

/* Recovers the transaction that a crash has cut off: undoes it, or finishes its swap. RESULT_DONE,
 * also if there was none; RESULT_BUSY while a guest is at work in this state; or RESULT_ATTENTION.
 * recover.c. */
Result transaction_settle(Store *store, LogContext *log) _must_check_;
