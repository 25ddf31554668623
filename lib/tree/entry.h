/* SPDX-License-Identifier: MIT */
/* Copies the attributes of one directory, or one entry that rename(2) cannot move. For a caller
 * that swaps a tree entry by entry. */
#pragma once

#include "tree/clone.h"

/* Copies owner, mode, ACLs, all extended attributes and times of the directory source_fd to the
 * directory target_fd, and removes other extended attributes from target_fd. Does not change inode
 * flags. Returns 0 or a negative errno. */
int tree_copy_attributes(int source_fd, int target_fd) _must_check_;

/* Copies the entry name of source_fd, of any type, into the directory target_fd like clone_tree().
 * target_fd must not have such an entry. Returns a CloneOutcome or a negative errno. Unless the
 * result is CLONE_DONE, the caller removes the incomplete copy. */
int tree_copy_entry(int source_fd, int target_fd, const char *name,
                    const volatile sig_atomic_t *cancel, char **reterr_what) _must_check_;
