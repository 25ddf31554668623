/* SPDX-License-Identifier: MIT */
/* Migrates a state: copies it, migrates the copy, swaps. transaction.c tells the order. */
#pragma once

#include "script/script.h"
#include "state/run.h"

/* Migrates the state along a plan. The caller holds the lock and a slot, has recovered, has found
 * the state at plan->from, and has set run->fingerprint and run->approved. Logs everything that
 * happens. */
Result transaction_run(Run *run, const Plan *plan) _must_check_;

/* Recovers the transaction that a crash has cut off: undoes it, or finishes its swap. Returns
 * RESULT_DONE, also if there was none; RESULT_BUSY while a guest is at work in this state; or
 * RESULT_ATTENTION. recover.c. */
Result transaction_settle(Store *store, LogContext *log) _must_check_;

/* Makes the missing directories before Init=, empty, and opens them: the sandbox mounts clones over
 * them. If a crash leaves such a directory, the next start is still fresh. Returns RESULT_DONE, or
 * another Result, which was logged. init.c. */
Result init_make_directories(Run *run) _must_check_;

/* Returns the parameters of the scripts of a run, with a tree for each directory. Borrows.
 * steps.c. */
ScriptContext run_script_context(const Run *run, const SandboxTree *trees);
