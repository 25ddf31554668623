/* SPDX-License-Identifier: MIT */
/* The swap of a place with PLACE_ENTRIES: the directory itself stays, and its entries are exchanged
 * with the clone's entries, one by one. */
#pragma once

#include "place/place.h"

typedef enum Entries {
    ENTRIES_NONE,    /* nothing is moved */
    ENTRIES_DROPPED, /* nothing is moved, and the clone is gone */
    ENTRIES_BEGUN,   /* the swap must be finished */
    ENTRIES_DONE,    /* the directory has the migrated entries, the original is the backup */
} Entries;

/* Finds how far a swap is, by the names in the transaction directory, which must be open. Returns
 * an Entries or a negative errno. */
int entries_look(const Place *place) _must_check_;

/* Swaps, or finishes a swap after a crash. The clone must be complete and on disk, and the record
 * written; name is the name of the service. Returns 0 or a negative errno; some errors set
 * reterr_what. After a failure, the caller repeats the swap, unless entries_look() returns
 * ENTRIES_NONE: then nothing has changed. */
int entries_swap(Place *place, const char *name, const char *from, const char *to,
                 char **reterr_what) _must_check_;
