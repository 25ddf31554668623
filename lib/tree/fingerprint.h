/* SPDX-License-Identifier: MIT */
/* Makes fingerprints of trees, which show whether a tree has changed. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* Makes the fingerprint of the present tree, which is equal to CloneResult.fingerprint for the same
 * exclude if nothing has changed. It covers names, types, owners, modes, sizes, mtimes, ctimes and
 * inode numbers of all entries and of the root. Of an excluded directory, it covers the inode, owner
 * and mode, and whether something is mounted on it.
 *
 * Returns 0 or a negative errno: -ESTALE if the tree is changing right now, -EXDEV if something is
 * mounted in a part that is not excluded. cancel and exclude may be NULL. */
int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret) _must_check_;

/* Makes a fingerprint that survives a move of the tree, comparable only with others of its kind. It
 * omits the root's times and size, which change when the directory is moved or marked, and empty
 * files and symbolic links in the root whose names begin with stamps (may be NULL), which are
 * renamed together with a state. Returns as tree_fingerprint(). */
int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret) _must_check_;
