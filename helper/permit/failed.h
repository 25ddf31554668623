/* SPDX-License-Identifier: MIT */
/* What a failed attempt has left. */
#pragma once

#include "state/run.h"

/* Removes the record of a failed attempt, and before that the clone that it has left for
 * inspection. 0 or a negative errno. */
int failed_drop(const Run *run, const TransactionRecord *failed) _must_check_;
