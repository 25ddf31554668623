/* SPDX-License-Identifier: MIT */
/* Cloning a btrfs subvolume by snapshots of it and of all subvolumes nested in it. Private to
 * lib/tree. */
#pragma once

#include "tree/clone.h"

/* Returns what clone_tree() returns, or CLONE_ANOTHER_WAY if no snapshot is possible, but perhaps
 * another kind of clone. Leaves nothing behind on failure. */
int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const CloneOptions *options, CloneResult *ret,
                      char **reterr_what) _must_check_;
