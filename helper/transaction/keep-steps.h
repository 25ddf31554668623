/* SPDX-License-Identifier: MIT */
/* Keeps the wayback of a migration in the store, and drops it again, see wayback/wayback.h. */
#pragma once

#include "transaction/private.h"

/* Keeps the wayback right before the commit. Returns RESULT_DONE, or RESULT_FAILED with the reason
 * in t->what. */
Result keep_steps(Transaction *t) _must_check_;

/* Drops the wayback of a transaction that has no commit, or a wayback that is not needed any more.
 * A missing wayback is not an error. Repeatable. Returns 0 or a negative errno. */
int keep_steps_drop(const Store *store, const char *id) _must_check_;
