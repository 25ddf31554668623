/* SPDX-License-Identifier: MIT */
/* The clone of a btrfs subvolume by snapshots of it and of all that are nested in it. Private to
 * lib/tree. */
#pragma once

#include "tree/clone.h"

/* Outcomes and errors of clone_tree(), which leave nothing behind, and CLONE_ANOTHER_WAY: the clone
 * cannot be made in this way, but may be in another. */
int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const CloneOptions *options, CloneResult *ret,
                      char **reterr_what) _must_check_;
