/* SPDX-License-Identifier: MIT */
/* For whoever commits a tree entry by entry: the attributes of one directory, and an entry that
 * rename(2) cannot move. */
#pragma once

#include "tree/clone.h"

/* Makes the directory target what the directory source is: owner, mode, ACLs, all extended
 * attributes (what source has not is removed) and times; inode flags are left alone. 0 or a
 * negative errno. */
int tree_copy_attributes(int source_fd, int target_fd) _must_check_;

/* Copies the entry name of source_fd, whatever it is, into the directory target_fd, which has none
 * of that name, as clone_tree() does. A CLONE_… outcome or a negative errno; what is there
 * afterwards, unless it is CLONE_DONE, is the caller's to remove. */
int tree_copy_entry(int source_fd, int target_fd, const char *name,
                    const volatile sig_atomic_t *cancel, char **reterr_what) _must_check_;
