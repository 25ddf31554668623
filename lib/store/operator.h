/* SPDX-License-Identifier: MIT */
/* Who decided something, and when. For people to read: it proves nothing. */
#pragma once

#include "basic/util.h"

typedef struct Operator {
    char *name;  /* the login name, also with sudo; NULL: not known */
    int64_t uid; /* of migratectl; -1: not known */
    char *when;  /* time_format() */
} Operator;

/* Fills in who runs this program, and the time. 0 or -ENOMEM. The caller frees *ret in any case. */
int operator_find(Operator *ret) _must_check_;

/* "alice on Sun 2026-11-22 09:17:38 UTC"; the caller owns it. NULL: out of memory. */
char *operator_describe(const Operator *operator) _must_check_;
