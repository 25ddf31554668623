/* SPDX-License-Identifier: MIT */
/* Says who decided something, and when. For people to read: it proves nothing. */
#pragma once

#include "basic/util.h"

typedef struct Operator {
    char *name;  /* login name, also with sudo; NULL: unknown */
    int64_t uid; /* user ID of migratectl; -1: unknown */
    char *when;  /* time of the decision, time_format() */
} Operator;

/* Fills in the user who runs this program, and the present time. The caller frees *ret also after
 * errors. 0 or -ENOMEM. */
int operator_find(Operator *ret) _must_check_;

/* Describes the operator: "alice on Sun 2026-11-22 09:17:38 UTC". The caller owns the text; NULL:
 * out of memory. */
char *operator_describe(const Operator *operator) _must_check_;
