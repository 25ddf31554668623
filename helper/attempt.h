/* SPDX-License-Identifier: MIT */
/* Whether a plan may be attempted: approvals, earlier failures, interruptions. */
#pragma once

#include "log.h"
#include "plan.h"
#include "store.h"

/* Of the declaration's files, the plan and the scripts that it names, as they are now: an attempt
 * that failed is not repeated, and a migration that is running not committed, when this is another.
 */
uint64_t attempt_fingerprint(const Declaration *declaration, const Plan *plan);

/* Approved=FROM:TO for exactly this plan? */
bool attempt_is_approved(const Declaration *declaration, const Plan *plan);

/* Does the plan need approval? The reasons, to be freed; NULL if it needs none. 0 or -ENOMEM. */
int attempt_needs_approval(const Declaration *declaration, const Plan *plan,
                           char ***ret_reasons) _must_check_;

/* "upgrade (13 to 17)", for logs; the caller owns it. */
char *attempt_step_name(const Step *step) _must_check_;
