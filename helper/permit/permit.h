/* SPDX-License-Identifier: MIT */
/* Reaches a verdict on the state of a run, with facts that only the helper can find, and makes way
 * for a migration. */
#pragma once

#include "declare/plan.h"
#include "sandbox/sandbox.h"
#include "state/run.h"

/* The facts that are needed first: facts from files, and the answers of scripts about the
 * version. */
#define ASKS_VERSION (ASKS_READ | ASKS_FRESH_CHECK | ASKS_DETECT | ASKS_CONFIRM)

/* Decides on run->facts. Finds missing facts, as far as may_ask (Asks) allows, and decides again.
 * Stops early if the software runs on the state as it is and nobody asked for a migration. The
 * caller frees *ret. 0 or -ENOMEM. */
int run_judge(Run *run, unsigned may_ask, Verdict *ret) _must_check_;

/* The result of permit_slot() if no slot is free. */
#define RUN_WAIT (-EAGAIN)

/* Takes a slot. Returns RESULT_DONE, RUN_WAIT, or a Result that was logged. */
int permit_slot(Run *run) _must_check_;

/* Runs every Check= of the plan, before anything is cloned. trees: one for each state directory.
 * Checks write to an overlay, which is then dropped. live: the service is running, so checks cannot
 * write, but can reach other services. Returns a SCRIPT_… outcome (with SCRIPT_FAILED, the caller
 * owns *reterr_what) or a negative errno. */
int checks_run(const Run *run, const Plan *plan, const SandboxTree *trees, bool live,
               char **reterr_what) _must_check_;

/* Removes the clone that a failed attempt has left for inspection, and then its record. 0 or a
 * negative errno. */
int failed_drop(const Run *run, const TransactionRecord *failed) _must_check_;
