/* SPDX-License-Identifier: MIT */
/* A rehearsal while it runs; rehearse.c tells the story. Each function that can fail returns 0, or
 * a Result with the reason in rehearsal->t.what. */
#pragma once

#include "judge/verdict.h"
#include "session/session.h"
#include "store/rehearsal.h"
#include "transaction/private.h"

typedef struct Rehearsal {
    Session session;
    Verdict verdict;
    const Plan *plan; /* of the verdict; NULL: nothing is tried */
    Transaction t;    /* as in a run, up to the swap; its record is not written */
    int lock_fd;
    bool keep;
    bool unmeasured;                    /* a file system has failed after a step: t.what */
    size_t n_run;                       /* how many steps of the plan are tried */
    RehearsalMethod *methods;           /* for each directory */
    RehearsalRecord record;             /* filled in as the rehearsal goes on */
    uint64_t cloned_usec, *free_before; /* in bytes, for each directory */
    char *from;                         /* the state version, for a record without a plan */
    char *ending;                       /* the text of the last refusal */
} Rehearsal;

/* Chooses the steps to try: sets n_run and the steps of the record. rehearse/plan.c. */
int rehearse_judge(Rehearsal *r) _must_check_;

/* Makes the clones or overlays. rehearse/clone.c. */
int rehearse_clone(Rehearsal *r) _must_check_;
/* Syncs, and updates record.space: the most space that steps have needed so far. */
int rehearse_measure(Rehearsal *r) _must_check_;
/* Sets record.changed if the original has changed meanwhile. */
int rehearse_compare(Rehearsal *r) _must_check_;

/* Notes in t.what why there is nothing more to try, which may be RESULT_DONE, too; what is taken
 * over. Returns result. */
Result rehearse_end(Rehearsal *r, char *what, Result result);
/* Writes the journal and STORE/rehearsal, and removes or keeps the clone. Returns the exit status:
 * result, or RESULT_FAILED if the record could not be written. rehearse/record.c. */
int rehearse_report(Rehearsal *r, int result) _must_check_;
/* The same if nothing can be rehearsed; what says why, and is freed. */
int rehearse_report_nothing(Rehearsal *r, char *what, int result) _must_check_;

/* Records the directories of the clones before they are made; kept: they stay.
 * rehearse/record.c. */
int rehearse_announce(const Rehearsal *r, bool kept) _must_check_;
