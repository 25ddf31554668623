/* SPDX-License-Identifier: MIT */
/* Approvals of this machine's operator: STORE/approved. (Approved= in the declaration is the other
 * kind of consent, attempt.h.)
 *
 * An approval is for one plan: from where to where, with declarations and scripts as they were when
 * it was given. Once any of these has changed, it no longer holds, and stays only to be shown. It
 * is removed when a migration has been committed. */
#pragma once

#include "basic/fingerprint.h"
#include "store/operator.h"
#include "store/record.h"

typedef struct Approval {
    RecordRest *rest;
    char *from, *to; /* NULL: there is none; as the fingerprint and the time */
    char *fingerprint;
    char **what; /* the reasons that were shown */
    Operator operator;
} Approval;

DECLARE_RECORD(Approval, approval);

/* The fingerprint of what is approved: an attempt_fingerprint(), and what a plan does not say, such
 * as which backup is brought back (extra; NULL: nothing, and it is that fingerprint). */
Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra);

/* Is it for exactly this? */
bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint);
/* Is there one? One that cannot be read is none. */
bool approval_holds(const Store *store, const char *from, const char *to,
                    const Fingerprint *fingerprint);

/* Writes one, in place of any other, durably. what (may be NULL): the reasons that were shown. The
 * caller holds the lock. 0 or a negative errno. */
int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what) _must_check_;
/* Removes it, durably; none there is no error. The caller holds the lock. */
int approval_remove(const Store *store) _must_check_;
