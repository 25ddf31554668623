/* SPDX-License-Identifier: MIT */
/* Has a tree changed? */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* The fingerprint of a tree as it is now; equal to CloneResult.fingerprint for the same exclude
 * (see CloneOptions) if nothing has changed. It covers names, types, owners, modes, sizes, mtimes,
 * ctimes and inode numbers of all entries and of the root, but no atimes. It covers the inode,
 * owner and mode of an excluded directory, and whether something is mounted there, but neither its
 * times nor what is below. The order in which directories list their entries does not matter.
 *
 * 0 or a negative errno: -ESTALE if the tree is changing right now, -EXDEV if something is mounted
 * in it where it is not excluded. cancel and exclude may be NULL. */
int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret) _must_check_;

/* The same without the root's times and size, which change when the directory is moved or marked,
 * or when a stamp comes and goes. Also without empty files and symbolic links in the root whose
 * names begin with stamps (NULL: none), because they are renamed together with a state. Comparable
 * only with other results of this function. */
int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret) _must_check_;
