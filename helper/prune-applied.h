/* SPDX-License-Identifier: MIT */
/* Removing waybacks that are not needed any more, and roots of the collector that nothing names. */
#pragma once

#include "backup/pruning.h"
#include "system/log.h"

/* Called with the lock, after backups are marked: renames waybacks to .removing-ID, durably, and
 * releases roots. Does neither if a record cannot be read. 0, or a negative errno, which was
 * logged. */
int prune_applied_mark(const Generations *generations, const Pruning *pruning,
                       const LogContext *log) _must_check_;

/* Called without the lock: removes the renamed waybacks. 0, or a negative errno, which was
 * logged. */
int prune_applied_remove(const Pruning *pruning, const LogContext *log) _must_check_;
