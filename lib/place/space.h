/* SPDX-License-Identifier: MIT */
/* Estimates whether the clones of a state fit on their file systems. */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"
#include "place/place.h"
#include "store/store.h"
#include "system/log.h"
#include "tree/tree.h"

#include <sys/statvfs.h>

/* The input of an estimate. All pointers are borrowed. */
typedef struct SpaceQuery {
    const Declaration *declaration;
    const Store *store;
    const Place *places; /* one for each Directory= */
    size_t n_places;
    const LogContext *log;
} SpaceQuery;

typedef struct SpaceReport {
    char **lines;     /* a sentence for each file system: needed and available space */
    char *lacking;    /* a sentence: how much to free where; NULL: the clones fit */
    char *over_limit; /* a sentence if cloning must copy more than CopyLimit= allows; or NULL */
    CloneProgress expected; /* the final numbers of cloning; zeros: unknown */
} SpaceReport;

void space_report_free(SpaceReport *report);

/* Estimates the space that cloning all directories needs on each file system, without the data that
 * scripts write, and compares it with the free space and with CopyLimit=. A directory that cannot be
 * estimated is logged and counts as 0. Returns 0, -ECANCELED, or another negative errno. */
int space_look(const SpaceQuery *query, SpaceReport *ret) _must_check_;

/* Can clones of this directory share contents? Tests it where the clones are made, since a process that
 * has a file of the state open is taken for a user of the state. */
bool place_can_share(const Place *place) _must_check_;

/* Returns how many bytes a rehearsal leaves to the services that run: a twentieth of the disk, or
 * half of the free space if that is less, so that a small rehearsal can run on a disk that is
 * nearly full. */
uint64_t space_reserve(const struct statvfs *fs);

/* Is there room for a full copy of this place in a rehearsal? Ignores CopyLimit=. Returns
 * RESULT_DONE, or
 * RESULT_FAILED with *reterr_what (NULL: out of memory). */
Result space_check_copy(const SpaceQuery *query, const Place *place,
                        char **reterr_what) _must_check_;
