/* SPDX-License-Identifier: MIT */
/* The record STORE/history: one transaction record per line, the oldest first. */
#pragma once

#include "store/record-transaction.h"

typedef struct History {
    TransactionRecord *items;
    size_t n_items;
} History;

/* Appends one entry, durably. This and the next two functions return 0 or a negative errno. */
int history_append(const Store *store, const TransactionRecord *entry) _must_check_;
/* Reads all entries, without damaged lines and damaged fields. */
int history_read(const Store *store, History *ret) _must_check_;
/* Like history_read(), with manifests of backups without an entry (after a full disk), by time. */
int history_complete(const Store *store, History *ret) _must_check_;
void history_free(History *history);

/* Returns the newest entry of a transaction, or NULL. Borrowed. */
const TransactionRecord *history_find(const History *history, const char *id);
/* Returns the version to which the last successful transaction led. NULL: there was no transaction,
 * or the state was forgotten afterwards. Borrowed. */
const char *history_last_version(const History *history);
