/* SPDX-License-Identifier: MIT */
/* Lineage: the transactions that led to a state, by its history. */
#pragma once

#include "declare/plan.h"
#include "store/history.h"

/* Follows the history back from the version of the state: which migration led there from which
 * version, and so on. Ends where the version was adopted, detected or fresh. Goes on before a
 * restored backup with its own lineage. 0 or -ENOMEM. */
int lineage_find(const History *history, const char *version, Lineage *ret) _must_check_;
/* The same for the backup that the transaction of that id has left (NULL: the state itself). */
int lineage_find_before(const History *history, const char *id, const char *version,
                        Lineage *ret) _must_check_;
/* Did a later transaction lead to that version again? Then this one is no way back from there. */
bool lineage_is_superseded(const Lineage *lineage, size_t i);
/* lineage_find() for the history of a store. 0 or a negative errno. */
int lineage_read(const Store *store, const char *version, Lineage *ret) _must_check_;
