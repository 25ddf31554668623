/* SPDX-License-Identifier: MIT */
/* The operator's decisions: the records STORE/approved and STORE/deferred. Approved= in the
 * declaration is another form of consent (attempt.h). */
#pragma once

#include "basic/fingerprint.h"
#include "store/record.h"

/* Who took a decision, and when. Only for people to read, because nothing proves the name. */
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

/* An approval covers one plan, with its declarations and scripts as they were. After a change, the
 * approval has no effect; a commit removes it. */
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

/* Writes the approval, durably; what: the reasons that the operator was shown (may be NULL). The
 * caller holds the lock, also when removing the approval. 0 or a negative errno. */
int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what) _must_check_;

/* A deferral of migrations, but not of recovery. */
typedef struct Deferral {
    RecordRest *rest;
    char *until;  /* time_format(); NULL: until "migratectl resume" */
    char *reason; /* may be NULL */
    Operator operator;
    bool damaged; /* the record cannot be read, so nothing else is known */
} Deferral;

DECLARE_RECORD(Deferral, deferral_record);

/* Reads the deferral. A damaged record is a deferral without end, because a migration can be done
 * later, but not undone. 0, 1 if there is none, or -ENOMEM. */
int deferral_read(const Store *store, Deferral *ret) _must_check_;

bool deferral_is_over(const Deferral *deferral);

/* Describes the deferral: "deferred by alice on …, until …: the reason". The caller owns the text;
 * NULL: out of memory. */
char *deferral_describe(const Deferral *deferral) _must_check_;

/* Writes the deferral, durably. until is in microseconds, UINT64_MAX: no end; reason may be NULL.
 * Needs no lock. 0 or a negative errno. */
int deferral_write(const Store *store, uint64_t until, const char *reason) _must_check_;
