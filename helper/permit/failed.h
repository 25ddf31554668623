/* SPDX-License-Identifier: MIT */
/* Removes the clone and the record of a failed attempt. */
#pragma once

#include "state/run.h"

/* Removes the clone that a failed attempt has left for inspection, and then its record. 0 or a
 * negative errno. */
int failed_drop(const Run *run, const TransactionRecord *failed) _must_check_;
