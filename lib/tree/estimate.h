/* SPDX-License-Identifier: MIT */
/* Estimates the space that a clone needs, and measures the space of a tree. */
#pragma once

#include "tree/clone.h"

typedef struct CloneEstimate {
    bool shared;     /* the clone shares contents with the original: a snapshot, or reflinks */
    uint64_t copied; /* bytes of content to copy, as in CloneProgress */
    uint64_t bytes;  /* bytes of space, including directories and metadata */
    uint64_t inodes;
    uint64_t files; /* number of files, as in CloneProgress */
} CloneEstimate;

/* Says whether contents can be shared on the mount of this directory. Tests it with unnamed
 * files. */
bool clone_can_share(int dir_fd) _must_check_;

/* Measures the minimum of space and inodes that removing the tree would free. exclude and cancel: see
 * CloneOptions; may be NULL. Returns 0 or a negative errno: -ECANCELED; -EBUSY if something is
 * mounted in the tree; other errors of reading the tree. */
int tree_measure(int fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                 CloneEstimate *ret) _must_check_;
/* Estimates the space that a clone of the directory fd needs. If contents can be shared, the tree is
 * not read and all numbers are 0. Returns as tree_measure(). */
int clone_estimate(int fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                   CloneEstimate *ret) _must_check_;
