/* SPDX-License-Identifier: MIT */
/* STORE/known: the state that was seen last. It tells a directory that has lost its data from one
 * that never had any. If the record is missing, the history says the same, up to the entry of
 * migratectl forget. */
#pragma once

#include "store/record.h"

typedef struct Known {
    RecordRest *rest;
    char *version;      /* NULL: not known any more */
    char **directories; /* NULL: not known */
    char **former;      /* before it was moved from there */
} Known;

DECLARE_RECORD(Known, known_record);

/* 0, 1 if no state was seen, or a negative errno. */
int known_read(const Store *store, Known *ret) _must_check_;
void known_free(Known *known);

/* Records a state, durably, if it is not recorded already. directories may be NULL. 0 or a negative
 * errno. */
int known_write(const Store *store, const char *version, char *const *directories) _must_check_;

/* The same, with the directory that the state was moved from; former may be NULL, and version until
 * the stamps have been read. */
int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former) _must_check_;
