/* SPDX-License-Identifier: MIT */
/* Removing a tree. */
#pragma once

#include "basic/util.h"

/* Removes the entry name of parent_fd with everything below it, subvolumes included. Stays on that
 * mount: if something is mounted below, the result is -EBUSY. Immutable and append-only flags and
 * missing permissions are changed first, as far as the caller may. 0 (also if there is no such
 * entry) or a negative errno. Can be repeated after a crash. */
int tree_remove(int parent_fd, const char *name) _must_check_;
