/* SPDX-License-Identifier: MIT */
/* Moves all entries of a directory into another directory, except the entries that stay by a frame
 * (swap-frame.h). */
#pragma once

#include "basic/util.h"

typedef struct Move {
    int from_fd, to_fd, frame_fd; /* the directories, and the frame of both */
    const char *stays;            /* prefix of names at the top that stay, too; or NULL */
    bool stand_ins;               /* from_fd has empty directories in place of the entries that
                                   * stay; remove these directories */
    /* A directory of root's on the same file system, and a free name there, to copy entries that
     * rename(2) cannot move (EXDEV: a directory of an overlay's lower layer). -1: such an entry is
     * an error. */
    int scratch_fd;
    const char *scratch;
    char *what; /* the reason of a failure, if errno alone does not tell; owned by the caller */
} Move;

/* Moves the entries. Repeatable at every point. Returns 0 if nothing is left to move, -EEXIST if an
 * entry has appeared in the way, -EBUSY if somebody keeps adding entries, or another negative
 * errno. Nothing is durable before syncfs(2). */
int move_entries(Move *move) _must_check_;
