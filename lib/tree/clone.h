/* SPDX-License-Identifier: MIT */
/* The clone of a tree, directory by directory and file by file. Private to lib/stage*.c. */
#pragma once

#include "tree/stage.h"

/* Fills the new directory target_fd (empty, mode 0700) with everything below source_fd, then gives
 * it the attributes of that. Outcomes and errors of stage_clone(); leaves what it has made in
 * place. */
int clone_tree(int source_fd, int target_fd, const StageOptions *options, StageResult *ret,
               char **reterr_what) _must_check_;
