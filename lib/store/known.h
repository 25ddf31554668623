/* SPDX-License-Identifier: MIT */
/* What the store remembers of a state: that there was one, at which version, and where. By that a
 * directory that is empty now is told from one in which there never was anything.
 *
 * STORE/known is written with every version that is recorded, and once where a state came with its
 * stamps, or the store was lost. The history says the same where it is missing, up to the entry
 * that somebody has forgotten the state with. */
#pragma once

#include "store/store.h"

/* What the history calls it when nothing is remembered from there on: migratectl forget. */
#define ACTION_FORGOTTEN     "forgotten"
#define ACTION_SELF_MIGRATED "self-migrated" /* by software that is up: it says that it is done */

typedef struct Known {
    char *version;      /* NULL: not told any more */
    char **directories; /* where it was; none: not told */
    char **former;      /* where it was before it was moved there */
} Known;

/* 0, 1 if no state is remembered, or a negative errno. */
int known_read(const Store *store, Known *ret) _must_check_;
void known_free(Known *known);

/* Remembers a state, durably, unless the same is remembered already. directories may be NULL for
 * none. 0 or a negative errno. */
int known_write(const Store *store, const char *version, char *const *directories) _must_check_;

/* The same of a state that was moved from the directory former (NULL: it was not). version may be
 * NULL, until stamps have been read. */
int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former) _must_check_;

/* Was anything done that the history remembers, since it was last told to forget? Then the version
 * that this led to, borrowed from it; else NULL. */
const char *history_last_version(json_object *history);
