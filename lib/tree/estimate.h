/* SPDX-License-Identifier: MIT */
/* What a clone will take, before anything is cloned. */
#pragma once

#include "tree/clone.h"

typedef struct CloneEstimate {
    bool shared;     /* contents are shared with the original: a snapshot, or reflinks */
    uint64_t copied; /* bytes of content to be copied, as CloneProgress counts them */
    uint64_t bytes;  /* of space, directories and whatever lies beside contents included */
    uint64_t inodes;
    uint64_t files; /* as CloneProgress counts them */
} CloneEstimate;

/* Can contents be shared on the mount of this directory? Asked with files that never have a name.
 */
bool clone_can_share(int dir_fd) _must_check_;

/* Reckons the clone of the directory source_fd that would be made somewhere on the mount of the
 * directory probe_fd, which is the same mount. Whether contents can
 * be shared is found out by sharing some, in files without a name; where they can, the tree is not
 * read, and only the zeros that such a clone costs next to nothing are returned. Otherwise every
 * entry is looked at, and none opened but directories; the tree may be changing meanwhile. Of
 * options, exclude and cancel count. 0, or a negative errno: -ECANCELED, -EBUSY where something is
 * mounted in the tree, or whatever reading it says. */
int clone_estimate(int source_fd, int probe_fd, const CloneOptions *options,
                   CloneEstimate *ret) _must_check_;

/* The space and inodes that a tree of ours takes: what removing it would give back at least. */
int tree_measure(int fd, const volatile sig_atomic_t *cancel, CloneEstimate *ret) _must_check_;
