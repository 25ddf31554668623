/* SPDX-License-Identifier: MIT */
/* STORE/approved: an approval of this machine's operator. (Approved= in the declaration is another
 * consent, see attempt.h.)
 *
 * An approval is for one plan, with its declarations and scripts as they were. After a change it
 * does not hold any more, and is only shown. A commit removes it. */
#pragma once

#include "basic/fingerprint.h"
#include "store/operator.h"
#include "store/record.h"

typedef struct Approval {
    RecordRest *rest;
    char *from, *to; /* NULL: none; so may fingerprint and time be */
    char *fingerprint;
    char **what; /* the reasons that were shown */
    Operator operator;
} Approval;

DECLARE_RECORD(Approval, approval);

/* The fingerprint of what is approved: an attempt_fingerprint(), with extra (NULL: none) for what a
 * plan does not say, such as which backup is restored. */
Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra);

bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint);

/* Writes or replaces the approval, durably. what (NULL allowed): the reasons that were shown. The
 * caller holds the lock. 0 or a negative errno. */
int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what) _must_check_;
/* Removes it, durably; none is no error. The caller holds the lock. */
int approval_remove(const Store *store) _must_check_;
