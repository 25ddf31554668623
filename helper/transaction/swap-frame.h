/* SPDX-License-Identifier: MIT */
/* A frame: of a directory whose entries are moved, the part that stays where it is. A directory in
 * the frame stands for one that stays while its entries go, with all its attributes as they were
 * when the frame was made; an empty file stands for one that is not touched at all. */
#pragma once

#include "basic/util.h"

/* Makes the new directory fd the frame of the directory source_fd. What stays whole is what of
 * exclude (relative paths) is a directory in original_fd. 0 or a negative errno; -EPERM with
 * reterr_what: a directory that would have to change is immutable. */
int frame_make(int fd, int source_fd, int original_fd, char *const *exclude,
               char **reterr_what) _must_check_;

/* Gives the directory target_fd, and those in it which the frame has, the attributes that are in
 * the frame. Repeatable. 0 or a negative errno. Unless all of it is ours, somebody may have put
 * another directory in the place of one: root's are given to nobody, but it is -EPERM. */
int frame_apply(int fd, int target_fd, bool ours) _must_check_;

/* The directories that lie directly in a frame. 0 or a negative errno. */
int frame_directories(int fd, char ***ret) _must_check_;
/* Does the entry stay, or (a directory) its name? 1, 0, or a negative errno. */
int frame_has(int fd, const char *name) _must_check_;
