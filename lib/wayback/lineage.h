/* SPDX-License-Identifier: MIT */
/* Where a state came from, as its history tells it: what a way back must know. */
#pragma once

#include "declare/plan.h"
#include "store/history.h"

/* Follows the history back from a version that the state is at: which migration led there and from
 * which version, which led to that one, and so on, as far as that is known. Where somebody said
 * which version a state has (adopted, detected, fresh), nothing is known of what was before. Where
 * a backup was brought back, it goes on with what led to that. 0 or -ENOMEM. */
int lineage_find(const History *history, const char *version, Lineage *ret) _must_check_;
/* The same of a backup: what the transaction of that id (NULL: the state as it is) found. */
int lineage_find_before(const History *history, const char *id, const char *version,
                        Lineage *ret) _must_check_;
/* Was the version come to again later on? Then that is how, and this no way back from there. */
bool lineage_is_superseded(const Lineage *lineage, size_t i);
/* The first out of a store. 0 or a negative errno. */
int lineage_read(const Store *store, const char *version, Lineage *ret) _must_check_;
