/* SPDX-License-Identifier: MIT */
/* The swap with PLACE_ENTRIES: the directory stays, and exchanges its entries one by one with the
 * clone. */
#pragma once

#include "place/place.h"

typedef enum Entries {
    ENTRIES_NONE,    /* nothing is moved */
    ENTRIES_DROPPED, /* nothing is moved, and the clone is gone */
    ENTRIES_BEGUN,   /* must be finished */
    ENTRIES_DONE,    /* the directory has the migrated entries, the original is the backup */
} Entries;

/* How far it is, by the names in the transaction directory, which is open. An Entries, or a
 * negative errno. */
int entries_look(const Place *place) _must_check_;

/* Does it, or the rest of it after a crash. The clone is complete and on disk, and the record is
 * written. name: of the service. 0 or a negative errno, some with reterr_what. After a failure
 * nothing was changed if entries_look() says ENTRIES_NONE; else repeat it. */
int entries_swap(Place *place, const char *name, const char *from, const char *to,
                 char **reterr_what) _must_check_;
