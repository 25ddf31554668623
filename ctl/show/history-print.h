/* SPDX-License-Identifier: MIT */
/* An entry of the history in words. */
#pragma once

#include "store/record-transaction.h"
#include "terminal/output.h"

/* When it ended, or began, UTC; "" if unknown. The entry owns it. */
const char *entry_time(const TransactionRecord *entry);
/* For qsort(3) of records: oldest first. */
int entry_compare(const void *a, const void *b);
/* "1 → 2, done, 3.2 s", "adopted 1"; the caller owns it, NULL: out of memory. */
char *entry_describe(const TransactionRecord *entry) _must_check_;
/* The command that prints the journal of exactly this run; the caller owns it. NULL: there is none,
 * or out of memory. */
char *entry_journal(const TransactionRecord *entry) _must_check_;
/* The record with the key "journal", and every missing key with null. NULL: out of memory. */
json_object *entry_to_json(const TransactionRecord *entry) _must_check_;
/* Prints the entry as a block. 0 or -ENOMEM. */
int entry_print(const TransactionRecord *entry) _must_check_;
