/* SPDX-License-Identifier: MIT */
/* Has a tree changed? */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* The same fingerprint as CloneResult's (given the same exclude, see CloneOptions), over a tree as
 * it is now: names, types, owners, modes, sizes, mtimes, ctimes and inode numbers of every entry,
 * the root included; the atime is not part. Of an excluded directory, the inode, owner and mode,
 * and whether something is mounted on it, are part: not what is below it, nor its times.
 * Independent of the order in which directories list their entries. 0, or a negative errno: -ESTALE
 * if the tree is changing right now, -EXDEV if something is mounted in it, where it
 * is not excluded. */
int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret) _must_check_;

/* The same, but for the root's times and size, which may be others after the directory was moved or
 * marked (with XFS also its mtime, as ".." is another), or had a stamp for a while; and for empty
 * files and symbolic links in the root whose names begin with stamps (NULL: none), since a state
 * may get another name, and they with it. Comparable only with its own kind. */
int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret) _must_check_;
