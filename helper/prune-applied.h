/* SPDX-License-Identifier: MIT */
/* Removes waybacks that are not needed any more, and garbage collector roots that no record
 * names. */
#pragma once

#include "backup/pruning.h"
#include "system/log.h"

/* Renames waybacks to .removing-ID, durably, and releases roots. Changes nothing if a record cannot
 * be read. Called with the lock, after backups are marked. Returns 0, or a negative errno, which
 * was logged. */
int prune_applied_mark(const Generations *generations, const Pruning *pruning,
                       const LogContext *log) _must_check_;

/* Removes the renamed waybacks. Called without the lock. Returns 0, or a negative errno, which was
 * logged. */
int prune_applied_remove(const Pruning *pruning, const LogContext *log) _must_check_;
