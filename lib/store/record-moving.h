/* SPDX-License-Identifier: MIT */
/* The records of a state that gets another name or directory. */
#pragma once

#include "store/record.h"

/* The record STORE/moving exists during a move. It has both names and directories but no direction:
 * each system's helper moves the state to the name and directory of its own declaration. */
typedef struct MovingRecord {
    RecordRest *rest;
    char **names;
    char **directories;
} MovingRecord;

/* The record STORE/moved, alone in its store: the name that has the state's records now. */
typedef struct MovedRecord {
    RecordRest *rest;
    char *to;
    char **directories;
} MovedRecord;

DECLARE_RECORD(MovingRecord, moving_record);
DECLARE_RECORD(MovedRecord, moved_record);

/* Reads the name that has the records now. The caller owns *ret. 0, 1 if the records did not move,
 * -EBADMSG if the record is damaged, or another negative errno. */
int moved_read(const Store *store, char **ret) _must_check_;
