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
    const char *again; /* the command to run once there is room; for messages */
} SpaceQuery;

/* Reckons what cloning every directory takes, by file system, against what is free there, and
 * against CopyLimit=; before anything is stopped or cloned. What the scripts are going to write is
 * not known. Where it cannot be reckoned, cloning will tell.
 *
 * RESULT_DONE; or RESULT_FAILED where it does not fit, or was interrupted: then with *reterr_what
 * (NULL: memory is short) and what to type in *reterr_next. Where more would have to be copied than
 * CopyLimit= says, a sentence about that is appended to *ret_reasons in both cases. *ret_expected
 * is what cloning is going to come to, zeros where that is not known. Nothing is logged. Only files
 * without a name are made. */
Result space_check(const SpaceQuery *query, CloneProgress *ret_expected, char ***ret_reasons,
                   char **reterr_what, char **reterr_next) _must_check_;

/* The same of one place of which nothing can be shared, against what is free there now, whatever
 * CopyLimit= says. RESULT_DONE, or RESULT_FAILED with *reterr_what, as above. */
Result space_check_copy(const SpaceQuery *query, const Place *place,
                        char **reterr_what) _must_check_;

/* The same for people to read before: appends a line a file system to *ret_lines, and what needs
 * approval to *ret_reasons. 0 or a negative errno. */
int space_describe(const SpaceQuery *query, char ***ret_lines, char ***ret_reasons) _must_check_;
