/* SPDX-License-Identifier: MIT */
/* Records of a state that gets, or has got, another name or directory. */
#pragma once

#include "store/record.h"

/* STORE/moving: it is under way. Both sides are named, and no direction: whoever finds the record
 * brings the state to the name and the directory that the declaration has. */
typedef struct MovingRecord {
    RecordRest *rest;
    char **names;
    char **directories;
} MovingRecord;

/* STORE/moved, in a store that is otherwise empty: under which name the records are now. */
typedef struct MovedRecord {
    RecordRest *rest;
    char *to;
    char **directories;
} MovedRecord;

DECLARE_RECORD(MovingRecord, moving_record);
DECLARE_RECORD(MovedRecord, moved_record);

/* The name that the records of this store went to; the caller owns it. 0, 1 if they did not move,
 * -EBADMSG, or another negative errno. */
int moved_read(const Store *store, char **ret) _must_check_;
