/* SPDX-License-Identifier: MIT */
/* The record STORE/deferred: a deferral. Recovery runs nevertheless. */
#pragma once

#include "store/operator.h"
#include "store/record.h"

typedef struct Deferral {
    RecordRest *rest;
    char *until;  /* time_format(); NULL: until "migratectl resume" */
    char *reason; /* may be NULL */
    Operator operator;
    bool damaged; /* the record cannot be read, so nothing else is known */
} Deferral;

DECLARE_RECORD(Deferral, deferral_record);

/* Reads the deferral. If the record cannot be read, the deferral has no end: a migration can be
 * done later, but not undone. 0, 1 if there is none, or -ENOMEM. */
int deferral_read(const Store *store, Deferral *ret) _must_check_;
void deferral_free(Deferral *deferral);

bool deferral_is_over(const Deferral *deferral);

/* Describes the deferral: "deferred by alice on …, until …: the reason". The caller owns the text;
 * NULL: out of memory. */
char *deferral_describe(const Deferral *deferral) _must_check_;

/* Writes or replaces the deferral, durably. until is in microseconds, UINT64_MAX: no end; reason
 * may be NULL. Needs no lock. 0 or a negative errno. */
int deferral_write(const Store *store, uint64_t until, const char *reason) _must_check_;
/* Removes the deferral, durably, if there is one. 0 or a negative errno. */
int deferral_remove(const Store *store) _must_check_;
