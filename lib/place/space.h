/* SPDX-License-Identifier: MIT */
/* Does the clone fit? */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"
#include "place/place.h"
#include "store/store.h"
#include "system/log.h"
#include "tree/clone.h"

/* What is asked. All borrowed. */
typedef struct SpaceQuery {
    const Declaration *declaration;
    const Store *store;
    const Place *places; /* one a Directory= */
    size_t n_places;
    const LogContext *log;
} SpaceQuery;

typedef struct SpaceReport {
    char **lines;     /* a sentence a file system: what cloning takes, and what is available */
    char *lacking;    /* a sentence: where it does not fit, and how much to free; NULL: it fits */
    char *over_limit; /* a sentence, where more has to be copied than CopyLimit= says; or NULL */
    CloneProgress expected; /* what cloning is going to come to; zeros where that is not known */
} SpaceReport;

void space_report_free(SpaceReport *report);

/* Estimates what cloning every directory takes, by file system, against what is free there, and
 * against CopyLimit=; before anything is stopped or cloned. What the scripts are going to write is
 * not known. Where it cannot be estimated, cloning will tell. Nothing is logged. Only files without
 * a name are made. 0, -ECANCELED, or another negative errno. */
int space_look(const SpaceQuery *query, SpaceReport *ret) _must_check_;

/* Is there room for one place of which nothing can be shared, whatever CopyLimit= says? RESULT_DONE,
 * or RESULT_FAILED with *reterr_what (NULL: memory is short). */
Result space_check_copy(const SpaceQuery *query, const Place *place,
                        char **reterr_what) _must_check_;
