/* SPDX-License-Identifier: MIT */
/* The swap of a place whose method is PLACE_ENTRIES: the directory stays, and its entries are
 * exchanged one by one with those of the clone. */
#pragma once

#include "place/place.h"

typedef enum Entries {
    ENTRIES_NONE,    /* nothing is moved: the directory is the original */
    ENTRIES_DROPPED, /* the same, and the clone is gone */
    ENTRIES_BEGUN,   /* has to be finished */
    ENTRIES_DONE,    /* the directory holds the migrated state, the original is the backup */
} Entries;

/* How far it has come, as names below the transaction say it. An Entries, or a negative errno. The
 * place is prepared. */
int entries_look(const Place *place) _must_check_;

/* Does it, or what is left of it: the first time, or after a crash at any point. The clone is
 * complete and on disk, and the record says so. name is the service's. 0 or a negative errno, with
 * reterr_what where there is more to say. If entries_look() says ENTRIES_NONE afterwards, nothing
 * was changed; otherwise it has to be done again. */
int entries_swap(Place *place, const char *name, const char *from, const char *to,
                 char **reterr_what) _must_check_;
