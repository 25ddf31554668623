/* SPDX-License-Identifier: MIT */
/* The two ways to clone a directory. Both return the values of clone_tree(). */
#pragma once

#include "tree/tree.h"

/* Fills the new directory target_fd (empty, mode 0700) entry by entry. Does not remove an incomplete
 * copy. */
int clone_entries(int source_fd, int target_fd, const CloneOptions *options, CloneResult *ret,
                  char **reterr_what) _must_check_;

/* Clones a subvolume by snapshots of it and of all nested subvolumes. CLONE_ANOTHER_WAY: a snapshot
 * is not possible; use clone_entries(). */
int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const CloneOptions *options, CloneResult *ret,
                      char **reterr_what) _must_check_;
