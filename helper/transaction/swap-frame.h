/* SPDX-License-Identifier: MIT */
/* A frame is a directory tree that describes which entries of a directory stay while the others
 * move. A directory in the frame stays, with the frame's attributes, while its entries move; an
 * entry that is an empty file in the frame stays whole. */
#pragma once

#include "basic/util.h"

/* Makes the new directory fd the frame of source_fd. Paths of exclude that are directories in
 * original_fd stay whole. Returns 0 or a negative errno: -EPERM with reterr_what for an immutable
 * or append-only directory. */
int frame_make(int fd, int source_fd, int original_fd, char *const *exclude,
               char **reterr_what) _must_check_;

/* Gives target_fd and its directories the attributes in the frame. Repeatable. Returns 0 or a
 * negative errno. If ours is not set, a directory of root keeps its owner (-EPERM): a user
 * may have moved it into the tree. */
int frame_apply(int fd, int target_fd, bool ours) _must_check_;

/* Lists the directories at the top of a frame. Returns 0 or a negative errno. */
int frame_directories(int fd, char ***ret) _must_check_;
/* Returns 1 if the frame has an entry with this name, 0 if not, or a negative errno. */
int frame_has(int fd, const char *name) _must_check_;
