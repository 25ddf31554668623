/* SPDX-License-Identifier: MIT */
/* "Not now", said on this machine: STORE/deferred. What is in flight is settled all the same. */
#pragma once

#include "store/store.h"

typedef struct Deferral {
    json_object *record; /* owned; until, when, by, uid, reason. NULL: it is damaged */
    const char *reason;  /* borrowed from it; may be NULL */
    uint64_t until_usec; /* since 1970; UINT64_MAX: until somebody says "resume" */
} Deferral;

/* 0; 1 if there is none; -ENOMEM. One that cannot be read has no end, since not migrating is what
 * can be made up for. */
int deferral_read(const Store *store, Deferral *ret) _must_check_;
void deferral_free(Deferral *deferral);

/* Is it over by now? */
bool deferral_is_over(const Deferral *deferral);

/* "deferred by alice on …, until …: the reason"; the caller owns it, NULL: out of memory. */
char *deferral_describe(const Deferral *deferral) _must_check_;

/* Writes it, in place of any other, durably; until_usec as above, reason may be NULL. No
 * lock is needed: it is replaced as a whole. 0 or a negative errno. */
int deferral_write(const Store *store, uint64_t until_usec, const char *reason) _must_check_;
/* Removes it, durably; none there is no error. The same. */
int deferral_remove(const Store *store) _must_check_;
