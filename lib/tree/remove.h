/* SPDX-License-Identifier: MIT */
/* Removes a tree. */
#pragma once

#include "basic/util.h"

/* Removes the entry name of parent_fd with everything below it, including subvolumes; immutable and
 * append-only flags do not protect it. If something is mounted below, the result is -EBUSY. Returns
 * 0 (also if there is no such entry) or a negative errno. Can be repeated after a crash. */
int tree_remove(int parent_fd, const char *name) _must_check_;
