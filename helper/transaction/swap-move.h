/* SPDX-License-Identifier: MIT */
/* Moving all entries of a directory into another, but for what a frame says stays. */
#pragma once

#include "basic/util.h"

typedef struct Move {
    int from_fd, to_fd, frame_fd; /* the directories, and the frame of both */
    const char *stays;            /* at the top, what begins with this stays, too; or NULL */
    bool stand_ins;               /* what stays has empty directories in its place, which go */
    /* Where an entry can be copied that rename(2) cannot move (EXDEV: a directory of an overlay's
     * lower layer): root's alone, on the same file system; and a name that is free there. -1: such
     * an entry is an error. */
    int scratch_fd;
    const char *scratch;
    char *what; /* of a failure: more than errno says, or NULL; the caller's */
} Move;

/* Repeatable at every point, and done when it returns 0: nothing is left to move. Else a negative
 * errno: -EEXIST where something is in the way that was not there when the move began, -EBUSY where
 * somebody goes on adding entries. Nothing is durable before syncfs(2). */
int move_entries(Move *move) _must_check_;
