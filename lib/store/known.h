/* SPDX-License-Identifier: MIT */
/* Last-seen: that there was a state, at which version, and where. It tells a directory that has
 * lost its data from one that never had any.
 *
 * STORE/known is written with every version that is recorded, and once where a state came with its
 * stamps or the store was lost. Where the record is missing, the history says the same, back to the
 * entry with which somebody forgot the state. */
#pragma once

#include "store/record.h"

typedef struct Known {
    RecordRest *rest;
    char *version;      /* NULL: no longer told */
    char **directories; /* where it was; none: not told */
    char **former;      /* where it was before it was moved there */
} Known;

DECLARE_RECORD(Known, known_record);

/* 0, 1 if no state is remembered, or a negative errno. */
int known_read(const Store *store, Known *ret) _must_check_;
void known_free(Known *known);

/* Remembers a state, durably, unless the record says so already. directories may be NULL for none.
 * 0 or a negative errno. */
int known_write(const Store *store, const char *version, char *const *directories) _must_check_;

/* The same for a state that was moved from the directory former (NULL: it was not). version may be
 * NULL until stamps have been read. */
int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former) _must_check_;
