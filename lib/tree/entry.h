/* SPDX-License-Identifier: MIT */
/* Copying one directory's attributes, and one entry that rename(2) cannot move; for a caller that
 * commits a tree entry by entry. */
#pragma once

#include "tree/clone.h"

/* Copies owner, mode, ACLs, all extended attributes and times of the directory source_fd to the
 * directory target_fd, and removes other extended attributes there. Does not change inode flags. 0
 * or a negative errno. */
int tree_copy_attributes(int source_fd, int target_fd) _must_check_;

/* Copies the entry name of source_fd, of any type, into the directory target_fd, which has no such
 * entry, as clone_tree() does. A CloneOutcome or a negative errno. Unless it is CLONE_DONE, the
 * caller removes what was made. */
int tree_copy_entry(int source_fd, int target_fd, const char *name,
                    const volatile sig_atomic_t *cancel, char **reterr_what) _must_check_;
