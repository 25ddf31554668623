/* SPDX-License-Identifier: MIT */
/* A frame describes what stays in a directory whose entries move. A directory in the frame is one
 * that stays while its entries go, with the attributes that it will get; an empty file is an entry
 * that stays whole. */
#pragma once

#include "basic/util.h"

/* Makes the new directory fd the frame of source_fd. Paths of exclude that are directories in
 * original_fd stay whole. 0 or a negative errno; -EPERM with reterr_what for a directory that is
 * immutable. */
int frame_make(int fd, int source_fd, int original_fd, char *const *exclude,
               char **reterr_what) _must_check_;

/* Gives target_fd and its directories the attributes in the frame. Repeatable. 0 or a negative
 * errno. Unless all is ours, somebody may have exchanged a directory: then -EPERM instead of giving
 * away one of root's. */
int frame_apply(int fd, int target_fd, bool ours) _must_check_;

/* The directories at the top of a frame. 0 or a negative errno. */
int frame_directories(int fd, char ***ret) _must_check_;
/* Is the entry, or (a directory) its name, in the frame? 1, 0, or a negative errno. */
int frame_has(int fd, const char *name) _must_check_;
