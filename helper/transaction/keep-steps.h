/* SPDX-License-Identifier: MIT */
/* Keeping the way back of a migration in the store, see wayback/wayback.h; and dropping it again. */
#pragma once

#include "transaction/private.h"

/* Right before the commit. 0, or RESULT_FAILED with the reason in t->what. */
Result keep_steps(Transaction *t) _must_check_;

/* What was kept of a transaction that is not committed, or of one that nobody goes back over. What
 * is not there is 0. Repeatable; 0 or a negative errno. */
int keep_steps_drop(const Store *store, const char *id) _must_check_;
