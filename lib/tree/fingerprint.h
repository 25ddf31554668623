/* SPDX-License-Identifier: MIT */
/* Makes fingerprints of trees, which show whether a tree has changed. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* Makes the fingerprint of the present tree. It is equal to CloneResult.fingerprint for the same
 * exclude (see CloneOptions) if nothing has changed.
 *
 * The fingerprint covers names, types, owners, modes, sizes, mtimes, ctimes and inode numbers of
 * all entries and of the root, but no atimes. Of an excluded directory, it covers the inode, owner
 * and mode, and whether something is mounted on it, but neither its times nor its content. The
 * order in which directories list their entries does not matter.
 *
 * Returns 0 or a negative errno: -ESTALE if the tree is changing right now, -EXDEV if something is
 * mounted in a part that is not excluded. cancel and exclude may be NULL. */
int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret) _must_check_;

/* Makes a fingerprint that survives a move of the tree. It omits the root's times and size, which
 * change when the directory is moved or marked, or when a stamp appears or disappears. It also
 * omits empty files and symbolic links in the root whose names begin with stamps (NULL: none),
 * because they are renamed together with a state. Comparable only with other results of this
 * function. Returns the values of tree_fingerprint(). */
int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret) _must_check_;
