/* SPDX-License-Identifier: MIT */
/* Moves all entries of a directory into another, except what a frame says. */
#pragma once

#include "basic/util.h"

typedef struct Move {
    int from_fd, to_fd, frame_fd; /* the directories, and the frame of both */
    const char *stays;            /* at the top, names with this prefix stay, too; or NULL */
    bool stand_ins;               /* empty directories stand for what stays, and go */
    /* A directory of root's on the same file system, and a free name there, to copy entries that
     * rename(2) cannot move (EXDEV: a directory of an overlay's lower layer). -1: such an entry is
     * an error. */
    int scratch_fd;
    const char *scratch;
    char *what; /* the reason of a failure, if there is more than errno; owned by the caller */
} Move;

/* Repeatable at every point. 0: nothing is left to move. -EEXIST: an entry has appeared in the way;
 * -EBUSY: somebody keeps adding entries; or another negative errno. Nothing is durable before
 * syncfs(2). */
int move_entries(Move *move) _must_check_;
