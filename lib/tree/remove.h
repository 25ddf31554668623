/* SPDX-License-Identifier: MIT */
/* Removing a tree. */
#pragma once

#include "basic/util.h"

/* Removes the entry name of parent_fd with everything below it, subvolumes included, staying on
 * that mount: where something is mounted below, it is -EBUSY. Immutable and append-only flags and
 * missing permissions are no obstacle to whoever may change them. A name that is not there is 0.
 * Repeatable after a crash in the middle. */
int tree_remove(int parent_fd, const char *name) _must_check_;
