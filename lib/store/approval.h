/* SPDX-License-Identifier: MIT */
/* The record STORE/approved: an approval by this machine's operator. Approved= in the declaration
 * is another form of consent (attempt.h).
 *
 * An approval covers one plan, with its declarations and scripts as they were. After a change it is
 * only shown, and a commit removes it. */
#pragma once

#include "basic/fingerprint.h"
#include "store/operator.h"
#include "store/record.h"

typedef struct Approval {
    RecordRest *rest;
    char *from, *to; /* NULL: there is no approval */
    char *fingerprint;
    char **what; /* reasons that the operator was shown */
    Operator operator;
} Approval;

DECLARE_RECORD(Approval, approval);

/* Computes the fingerprint of an approval from an attempt_fingerprint(). extra (NULL: none):
 * details that are not in the plan, such as the backup that is restored. */
Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra);

bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint);

/* Writes or replaces the approval, durably. what: the reasons that the operator was shown; may be
 * NULL. The caller holds the lock. 0 or a negative errno. */
int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what) _must_check_;
/* Removes the approval, durably, if there is one. The caller holds the lock. 0 or a negative
 * errno. */
int approval_remove(const Store *store) _must_check_;
