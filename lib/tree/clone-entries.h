/* SPDX-License-Identifier: MIT */
/* Clones a tree entry by entry. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

/* Fills the new directory target_fd (empty, mode 0700) with a copy of everything below source_fd,
 * then copies the attributes of source_fd. Returns the values of clone_tree(), but does not remove
 * an incomplete copy. */
int clone_entries(int source_fd, int target_fd, const CloneOptions *options, CloneResult *ret,
                  char **reterr_what) _must_check_;
