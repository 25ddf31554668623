/* SPDX-License-Identifier: MIT */
/* The records of a state that gets, or has got, another name or directory. */
#pragma once

#include "store/record.h"

/* STORE/moving: a move is under way. It names both sides and no direction: every helper brings the
 * state to the name and the directory of its own declaration. */
typedef struct MovingRecord {
    RecordRest *rest;
    char **names;
    char **directories;
} MovingRecord;

/* STORE/moved, in an otherwise empty store: the name that has the records now. */
typedef struct MovedRecord {
    RecordRest *rest;
    char *to;
    char **directories;
} MovedRecord;

DECLARE_RECORD(MovingRecord, moving_record);
DECLARE_RECORD(MovedRecord, moved_record);

/* The name that has the records now; the caller owns it. 0, 1 if they did not move, -EBADMSG, or
 * another negative errno. */
int moved_read(const Store *store, char **ret) _must_check_;
