/* SPDX-License-Identifier: MIT */
/* Clones a btrfs subvolume by snapshots of it and of all nested subvolumes. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

/* Clones the subvolume. Returns the values of clone_tree(), or CLONE_ANOTHER_WAY if a snapshot is
 * not possible but another kind of clone may be. Leaves nothing behind on failure. */
int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const CloneOptions *options, CloneResult *ret,
                      char **reterr_what) _must_check_;
