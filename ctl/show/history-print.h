/* SPDX-License-Identifier: MIT */
/* Formats an entry of the history as text and as JSON. */
#pragma once

#include "store/record-transaction.h"
#include "terminal/output.h"

/* Returns the time when the entry ended or, if unknown, began, in UTC; "" if both are unknown. The
 * entry owns the string. */
const char *entry_time(const TransactionRecord *entry);
/* Compares records for qsort(3), oldest first. */
int entry_compare(const void *a, const void *b);
/* Describes the entry: "1 → 2, done, 3.2 s", "adopted 1". The caller owns the string; NULL: out of
 * memory. */
char *entry_describe(const TransactionRecord *entry) _must_check_;
/* Returns the command that prints the journal of this run. The caller owns the string; NULL: there
 * is no such command, or out of memory. */
char *entry_journal(const TransactionRecord *entry) _must_check_;
/* Makes a JSON object of the record, with the added key "journal", and null for missing keys. NULL:
 * out of memory. */
json_object *entry_to_json(const TransactionRecord *entry) _must_check_;
/* Prints the entry as a block. Returns 0 or -ENOMEM. */
int entry_print(const TransactionRecord *entry) _must_check_;
