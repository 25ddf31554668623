/* SPDX-License-Identifier: MIT */
/* What is to be said of places whose stamps do not agree, by the helper and by migratectl alike. */
#pragma once

#include "store/stamp.h"

/* "FROM:TO" among versions, which only a transaction can tell about; borrowed. NULL: there is none.
 */
const char *disagree_between(char *const *versions);
char *disagree_describe_between(const char *name, const char *where,
                                const char *between) _must_check_;

/* The places of NAME itself agree on version, but there is something else where it lives in HOST:
 * the stamps in there, or (NULL) none. found: what there is in all of them. */
char *disagree_describe_moved(const char *name, const char *version, const char *host,
                              char *const *there, const char *found) _must_check_;

/* Nothing is left of NAME's own directories, but its stamp is where a part of it lives in HOST. */
char *disagree_describe_left(const char *name, const char *host, const char *found) _must_check_;

/* Anything else. Each of these is the caller's; NULL: out of memory. */
char *disagree_describe(const char *name, const char *found) _must_check_;
