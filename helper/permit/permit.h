/* SPDX-License-Identifier: MIT */
/* May what was planned run, and can it? Each returns RESULT_DONE, or a Result that was logged. */
#pragma once

#include "judge/route.h"
#include "sandbox/sandbox.h"
#include "session/session.h"

/* Of permit_slot(): no slot is free. */
#define RUN_WAIT (-EAGAIN)

/* Before anything is done with the state that its stamp speaks of: does Detect= say the same? */
int permit_detected(const Run *run, const char *version) _must_check_;

/* Is the plan agreed to, and does its clone fit? consent_begin() comes before. */
int permit_plan(Run *run, const Route *route) _must_check_;
/* Is it agreed that the route's backup comes back? */
int permit_restore(Run *run, const char *version, const Route *route) _must_check_;

/* The plan's kept scripts can be run as they were to be: the declaration is completed from what was
 * kept with them. */
int permit_kept(Session *session, const Plan *plan) _must_check_;

/* Takes a slot, or returns RUN_WAIT. */
int permit_slot(const Run *run) _must_check_;

int permit_quiescence(const Run *run) _must_check_;

/* Runs every Check= of the plan on the original, before anything is cloned. What it writes is
 * thrown away; live: it may not write, but reach out. */
int permit_checks(const Run *run, const Plan *plan, bool live) _must_check_;
/* The same on trees, one a place, without saying anything: a SCRIPT_… outcome or a negative errno.
 */
int checks_run(const Run *run, const Plan *plan, const SandboxTree *trees, bool live,
               char **reterr_what) _must_check_;
