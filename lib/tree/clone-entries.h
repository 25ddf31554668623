/* SPDX-License-Identifier: MIT */
/* The clone of a tree, directory by directory and file by file. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

/* Fills the new directory target_fd (empty, mode 0700) with everything below source_fd, then gives
 * it the attributes of that. Outcomes and errors of clone_tree(); leaves what it has made in
 * place. */
int clone_entries(int source_fd, int target_fd, const CloneOptions *options, CloneResult *ret,
                  char **reterr_what) _must_check_;
