/* SPDX-License-Identifier: MIT */
/* Moves all entries of a directory into another, except the entries that must stay. A frame lists
 * those: see swap-frame.h. */
#pragma once

#include "basic/util.h"

typedef struct Move {
    int from_fd, to_fd, frame_fd; /* the directories, and the frame of both */
    const char *stays;            /* prefix of names at the top that stay, too; or NULL */
    bool stand_ins;               /* empty directories stand for entries that stay, and are
                                   * removed */
    /* A directory of root's on the same file system, and a free name in it, to copy entries that
     * rename(2) cannot move (EXDEV: a directory of an overlay's lower layer). If it is -1, such an
     * entry is an error. */
    int scratch_fd;
    const char *scratch;
    char *what; /* the reason of a failure, if errno alone does not tell; owned by the caller */
} Move;

/* Moves the entries. Repeatable at every point. Returns 0 if nothing is left to move, -EEXIST if an
 * entry has appeared in the way, -EBUSY if somebody keeps adding entries, or another negative
 * errno. Nothing is durable before syncfs(2). */
int move_entries(Move *move) _must_check_;
