/* SPDX-License-Identifier: MIT */
/* Removes a tree. */
#pragma once

#include "basic/util.h"

/* Removes the entry name of parent_fd with everything below it, including subvolumes. Stays on the
 * entry's mount: if something is mounted below, the result is -EBUSY. Clears immutable and
 * append-only flags and adds missing permissions first, as far as the caller may.
 *
 * Returns 0 (also if there is no such entry) or a negative errno. Can be repeated after a crash. */
int tree_remove(int parent_fd, const char *name) _must_check_;
