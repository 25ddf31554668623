/* SPDX-License-Identifier: MIT */
/* Removing what was kept of ways back that nobody goes any more, and the collector's roots of all
 * that is gone. */
#pragma once

#include "backup/pruning.h"
#include "system/log.h"

/* With the lock, after the marks of backups: renames what goes to .removing-ID, on disk, and then
 * releases what nothing that stays names. Where that cannot be told nothing is done. 0, or a
 * negative errno, which was logged. */
int prune_applied_mark(const Generations *generations, const Pruning *pruning,
                       const LogContext *log) _must_check_;

/* Without it: removes what has that name. The same. */
int prune_applied_remove(const Pruning *pruning, const LogContext *log) _must_check_;
