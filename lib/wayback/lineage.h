/* SPDX-License-Identifier: MIT */
/* Finds the lineage of a state: the transactions that led to it, by its history. */
#pragma once

#include "declare/plan.h"
#include "store/history.h"

/* Follows the history back from the version of the state: which migration led there, and from which
 * version, and so on. Ends at an adopted, detected or fresh version. At a restored backup, goes on
 * with the lineage of the backup. id NULL: of the state; else of the backup that the transaction with
 * that id has left, which has that version. The caller frees *ret. 0 or -ENOMEM. */
int lineage_find(const History *history, const char *id, const char *version,
                 Lineage *ret) _must_check_;
/* Says whether a later transaction led to the version of item i again. Then item i is no way back
 * from that version. */
bool lineage_is_superseded(const Lineage *lineage, size_t i);
