/* SPDX-License-Identifier: MIT */
/* Who decided something, and when, for the records of decisions. For people to read, proof of
 * nothing. */
#pragma once

#include "basic/util.h"

typedef struct Operator {
    char *name;  /* the login name, also under sudo and its like; NULL: it cannot be told */
    int64_t uid; /* whom migratectl ran as; -1: not told */
    char *when;  /* time_format() */
} Operator;

/* Fills in who runs this, now. 0 or -ENOMEM; what is in *ret is the caller's in any case. */
int operator_find(Operator *ret) _must_check_;

/* "alice on Sun 2026-11-22 09:17:38 UTC"; the caller owns it. NULL: out of memory. */
char *operator_describe(const Operator *operator) _must_check_;
