/* SPDX-License-Identifier: MIT */
/* A rehearsal under way: what the files that rehearse.c tells the story with share. Each function
 * that can fail returns 0, or a Result with the reason in rehearsal->t.what. */
#pragma once

#include "judge/route.h"
#include "session/session.h"
#include "store/rehearsal.h"
#include "transaction/private.h"

typedef struct Rehearsal {
    Session session;
    Route route;
    Plan made; /* of a first start; else the route's counts */
    const Plan *plan;
    Transaction t; /* never written down: what it shares with one is all before the swap */
    int lock_fd;
    bool keep;
    bool unmeasured;                    /* a file system has failed after a step: t.what */
    size_t n_run;                       /* steps that are tried, of the plan's */
    RehearsalMethod *methods;           /* one a place */
    RehearsalRecord record;             /* as far as it is known yet */
    uint64_t cloned_usec, *free_before; /* bytes; one a place */
    char *from;                         /* of the record, where there is no plan */
    char *ending;                       /* what was said of a refusal */
} Rehearsal;

/* Which steps can be tried? Fills in n_run and the steps of the record. rehearse/plan.c. */
int rehearse_judge(Rehearsal *r) _must_check_;

/* Makes what scripts run on. rehearse/clone.c. */
int rehearse_clone(Rehearsal *r) _must_check_;
/* How much of each file system steps have taken so far, at most. Brings it to disk first. */
int rehearse_measure(Rehearsal *r) _must_check_;
/* Was the original written to meanwhile? */
int rehearse_compare(Rehearsal *r) _must_check_;

/* Says how it ended, to the journal and in STORE/rehearsal; result is the exit status. Returns it,
 * or RESULT_FAILED where that could not be written down. rehearse/record.c. */
int rehearse_report(Rehearsal *r, int result) _must_check_;
/* The same where no migration is pending, or nothing can be tried: what says so, and is taken over.
 */
int rehearse_report_nothing(Rehearsal *r, char *what, int result) _must_check_;

/* Writes down where clones will be, before there are any; kept: they stay. rehearse/record.c. */
int rehearse_announce(const Rehearsal *r, bool kept) _must_check_;
