/* SPDX-License-Identifier: MIT */
/* Cloning a tree entry by entry. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

/* Fills the new directory target_fd (empty, mode 0700) with a copy of everything below source_fd,
 * then copies the attributes of source_fd to it. Returns what clone_tree() returns, but leaves what
 * it has made. */
int clone_entries(int source_fd, int target_fd, const CloneOptions *options, CloneResult *ret,
                  char **reterr_what) _must_check_;
