/* SPDX-License-Identifier: MIT */
/* Consent that was given on this machine: STORE/approved. (The other kind is Approved= in the
 * declaration, attempt.h.)
 *
 * An approval is for one plan: from where to where, by declarations and scripts as they were when
 * it was given. Once any of that is another it holds no more, and stays only to be told of. It is
 * removed when a migration has been committed. */
#pragma once

#include "declare/plan.h"
#include "store/store.h"

typedef struct Approval {
    json_object *record;                /* owned; from, to, fingerprint, what, when, by, uid */
    const char *from, *to, *when, *who; /* borrowed from it; who may be NULL */
} Approval;

/* What is approved: an attempt_fingerprint(), and beside it what a plan does not tell, as which
 * backup is to be brought back (extra; ordinarily NULL, then it is that fingerprint). */
Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra);

/* 0, 1 if there is none, -EBADMSG if it is damaged, or another negative errno. */
int approval_read(const Store *store, Approval *ret) _must_check_;
void approval_free(Approval *approval);

/* Is it for exactly this? */
bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint);
/* Is there one? One that cannot be read is none. */
bool approval_holds(const Store *store, const char *from, const char *to,
                    const Fingerprint *fingerprint);

/* Writes it, in place of any other, durably. what (may be NULL): the reasons that were shown. The
 * caller holds the lock. 0 or a negative errno. */
int approval_write(const Store *store, const char *from, const char *to,
                   const Fingerprint *fingerprint, char *const *what) _must_check_;
/* Removes it, durably; none there is no error. The caller holds the lock. */
int approval_remove(const Store *store) _must_check_;
