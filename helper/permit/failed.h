/* SPDX-License-Identifier: MIT */
/* A failure is not repeated blindly. */
#pragma once

#include "transaction/transaction.h"

/* The declaration or a script must have changed since the last attempt failed, or somebody must
 * have said "retry"; then what that attempt has left is dropped. RESULT_DONE, or RESULT_FAILED,
 * which was logged. */
int failed_check(const Run *run) _must_check_;

/* Removes the record of a failed attempt, and before that the clone that it has left for
 * inspection. 0 or a negative errno. */
int failed_drop(const Run *run, const TransactionRecord *failed) _must_check_;
