/* SPDX-License-Identifier: MIT */
/* Was the plan agreed to, and is now the time? */
#pragma once

#include "judge/route.h"
#include "transaction/transaction.h"

/* Takes the fingerprint of what is going to be attempted, which the whole run then goes by: another
 * script than the one that was agreed to is noticed whenever it comes. Before anything below, and
 * before transaction_run(). */
void consent_begin(Run *run, const Plan *plan);

/* Has somebody said "not now" (migratectl defer)? RESULT_DONE, or RESULT_DEFERRED or RESULT_FAILED,
 * which was logged. */
int consent_check_deferral(const Run *run) _must_check_;

/* Does the plan need approval, and has it got it: by Approved= in the declaration or by migratectl
 * approve? route: what is agreed to, by the plan or by a backup. further (may be NULL): reasons
 * beside those that the declaration tells. extra (may be NULL): what is agreed to beside the plan,
 * see approval_fingerprint(); Approved=, which says nothing of that, does not count then.
 *
 * RESULT_DONE, with run->approved where somebody did agree; RESULT_APPROVAL or RESULT_FAILED, which
 * was logged, with all reasons at once. */
int consent_check(Run *run, const Plan *plan, const Route *route, const char *extra,
                  char *const *further) _must_check_;
