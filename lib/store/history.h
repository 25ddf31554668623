/* SPDX-License-Identifier: MIT */
/* The history: STORE/history, one record of a transaction a line, the oldest first. */
#pragma once

#include "store/record-transaction.h"

typedef struct History {
    TransactionRecord *items;
    size_t n_items;
} History;

/* Appends one entry, durably. 0 or a negative errno. */
int history_append(const Store *store, const TransactionRecord *entry) _must_check_;
/* Reads all entries. Lines that are damaged are left out, fields that are damaged count as missing,
 * no history is an empty one. 0 or a negative errno. */
int history_read(const Store *store, History *ret) _must_check_;
/* The same with what a full disk has kept from being appended: the manifest of each backup whose
 * transaction is not in the history, at its place in time. A damaged manifest tells nothing. */
int history_complete(const Store *store, History *ret) _must_check_;
void history_free(History *history);

/* The newest entry of a transaction; NULL: there is none. */
const TransactionRecord *history_find(const History *history, const char *id);
/* The version that the last transaction led to, unless the state was forgotten since. Borrowed;
 * NULL: there is none. */
const char *history_last_version(const History *history);
