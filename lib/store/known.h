/* SPDX-License-Identifier: MIT */
/* The record STORE/known: the state that was seen last. It tells a directory that has lost its data
 * from one that never had data. If the record is missing, the history is used instead, unless the
 * state was forgotten ("migratectl forget"). */
#pragma once

#include "store/record.h"

typedef struct Known {
    RecordRest *rest;
    char *version;      /* NULL: unknown */
    char **directories; /* NULL: unknown */
    char **former;      /* directories from which the state was moved */
} Known;

DECLARE_RECORD(Known, known_record);

/* Reads the record. 0, 1 if no state was seen, or a negative errno. */
int known_read(const Store *store, Known *ret) _must_check_;
void known_free(Known *known);

/* Records a state, durably, if the version or the directories have changed. directories may be
 * NULL. 0 or a negative errno. */
int known_write(const Store *store, const char *version, char *const *directories) _must_check_;

/* Records a state, durably, with the directory from which it was moved (former, may be NULL).
 * version may be NULL until the stamps have been read. 0 or a negative errno. */
int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former) _must_check_;
