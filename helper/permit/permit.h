/* SPDX-License-Identifier: MIT */
/* Takes a slot, and runs the checks of a plan. */
#pragma once

#include "declare/plan.h"
#include "sandbox/sandbox.h"
#include "state/run.h"

/* The result of permit_slot() if no slot is free. */
#define RUN_WAIT (-EAGAIN)

/* Takes a slot. Returns RESULT_DONE, RUN_WAIT, or a Result that was logged. */
int permit_slot(Run *run) _must_check_;

/* Runs every Check= of the plan, before anything is cloned. trees: one for each state directory.
 * Checks write to an overlay that is dropped. live: they cannot write, but can reach other
 * services. Returns a SCRIPT_… outcome (with SCRIPT_FAILED, the caller owns *reterr_what) or a
 * negative errno. */
int checks_run(const Run *run, const Plan *plan, const SandboxTree *trees, bool live,
               char **reterr_what) _must_check_;
