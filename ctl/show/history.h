/* SPDX-License-Identifier: MIT */
/* Formats an entry of the history. */
#pragma once

#include "store/record-transaction.h"

/* Returns the time when the entry ended or, if unknown, began, in UTC; "" if both are unknown. The
 * entry owns the string. */
const char *entry_time(const TransactionRecord *entry);
/* Describes the entry: "1 → 2, done, 3.2 s", "adopted 1". The caller owns the string; NULL: out of
 * memory. */
char *entry_describe(const TransactionRecord *entry) _must_check_;
