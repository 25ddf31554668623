/* SPDX-License-Identifier: MIT */
/* The record STORE/history: one transaction record per line, the oldest first. */
#pragma once

#include "store/record-transaction.h"

typedef struct History {
    TransactionRecord *items;
    size_t n_items;
} History;

/* Appends one entry, durably. 0 or a negative errno, as for the next two. */
int history_append(const Store *store, const TransactionRecord *entry) _must_check_;
/* Reads all entries, without damaged lines and damaged fields. */
int history_read(const Store *store, History *ret) _must_check_;
/* The same, with manifests of backups that have no entry (after a full disk), in order of time. */
int history_complete(const Store *store, History *ret) _must_check_;
void history_free(History *history);

/* Returns the newest entry of a transaction, or NULL. Borrowed. */
const TransactionRecord *history_find(const History *history, const char *id);
/* Returns the version to which the last transaction led. NULL: there was none, or the state was
 * forgotten since. Borrowed. */
const char *history_last_version(const History *history);
