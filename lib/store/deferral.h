/* SPDX-License-Identifier: MIT */
/* A deferral: STORE/deferred. What is in flight is recovered all the same. */
#pragma once

#include "store/operator.h"
#include "store/record.h"

typedef struct Deferral {
    RecordRest *rest;
    char *until;  /* time_format(); NULL: until somebody says "resume" */
    char *reason; /* may be NULL */
    Operator operator;
    bool damaged; /* nothing is known of it */
} Deferral;

DECLARE_RECORD(Deferral, deferral_record);

/* 0; 1 if there is none; -ENOMEM. One that cannot be read has no end: a migration can be made up
 * for, and cannot be taken back. */
int deferral_read(const Store *store, Deferral *ret) _must_check_;
void deferral_free(Deferral *deferral);

/* Is it over by now? */
bool deferral_is_over(const Deferral *deferral);

/* "deferred by alice on …, until …: the reason"; the caller owns it, NULL: out of memory. */
char *deferral_describe(const Deferral *deferral) _must_check_;

/* Writes one, in place of any other, durably; until, in microseconds, may be UINT64_MAX, and reason
 * NULL. No lock is needed: the record is replaced as a whole. 0 or a negative errno. */
int deferral_write(const Store *store, uint64_t until, const char *reason) _must_check_;
/* Removes it, durably; none there is no error. 0 or a negative errno. */
int deferral_remove(const Store *store) _must_check_;
