/* SPDX-License-Identifier: MIT */
/* Keeps the wayback of a migration in the store, see wayback/wayback.h; drops it again. */
#pragma once

#include "transaction/private.h"

/* Right before the commit. RESULT_DONE, or RESULT_FAILED with the reason in t->what. */
Result keep_steps(Transaction *t) _must_check_;

/* Drops the wayback of a transaction without a commit, or one that is not needed any more; none is
 * no error. Repeatable. 0 or a negative errno. */
int keep_steps_drop(const Store *store, const char *id) _must_check_;
