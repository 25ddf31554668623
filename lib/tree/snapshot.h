/* SPDX-License-Identifier: MIT */
/* The clone of a btrfs subvolume by snapshots of it and of all that are nested in it. Private to
 * lib/stage*.c. */
#pragma once

#include "tree/stage.h"

enum { NO_SNAPSHOT = 100 };

/* Outcomes and errors of stage_clone(), which leave nothing behind, and NO_SNAPSHOT: the clone
 * cannot be made in this way, but may be in another. */
int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const StageOptions *options, StageResult *ret,
                      char **reterr_what) _must_check_;
