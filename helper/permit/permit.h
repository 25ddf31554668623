/* SPDX-License-Identifier: MIT */
/* A slot, and the checks of a plan. */
#pragma once

#include "declare/plan.h"
#include "sandbox/sandbox.h"
#include "state/run.h"

/* Of permit_slot(): no slot is free. */
#define RUN_WAIT (-EAGAIN)

/* Takes a slot, or returns RUN_WAIT, or a Result that was logged. */
int permit_slot(Run *run) _must_check_;

/* Runs every Check= of the plan on trees, one a place, before anything is cloned. What it writes is
 * thrown away; live: it may not write, but reach out. A SCRIPT_… outcome or a negative errno. */
int checks_run(const Run *run, const Plan *plan, const SandboxTree *trees, bool live,
               char **reterr_what) _must_check_;
