/* SPDX-License-Identifier: MIT */
/* The data of a running rehearsal, shared by the files of rehearse/; rehearse.c tells its order.
 * Each function that can fail returns 0, or a Result with the reason in r->t.what. */
#pragma once

#include "judge/verdict.h"
#include "session/session.h"
#include "store/rehearsal.h"
#include "transaction/private.h"

typedef struct Rehearsal {
    Session session;
    Verdict verdict;
    const Plan *plan; /* the plan of the verdict, or NULL if nothing is tried */
    Transaction t;    /* as in a run, up to the swap; its record is not written */
    int lock_fd;
    bool keep;
    bool unmeasured;                    /* a file system could not be measured after a step, see
                                         * t.what */
    size_t n_run;                       /* the number of steps of the plan that are tried */
    RehearsalMethod *methods;           /* one for each directory */
    RehearsalRecord record;             /* filled in as the rehearsal goes on */
    uint64_t cloned_usec, *free_before; /* free_before: in bytes, for each directory */
    uint64_t sample_after;              /* time_monotonic() of the next rehearse_sample() */
    char *from;                         /* the state version, for a record without a plan */
    char *ending;                       /* the text of the last refusal */
} Rehearsal;

/* Chooses the steps to try: sets n_run and the steps of the record. rehearse/plan.c. */
int rehearse_judge(Rehearsal *r) _must_check_;

/* Makes the clones or overlays. rehearse/clone.c. */
int rehearse_clone(Rehearsal *r) _must_check_;
/* Syncs, and updates record.space: the most space that steps have needed so far. */
int rehearse_measure(Rehearsal *r) _must_check_;
/* Does the same without a sync while a script runs, for files that the script removes again. Takes a
 * tenth of the time at most. userdata: the Rehearsal. For progress_on_tick(). */
void rehearse_sample(void *userdata);
/* Sets record.changed if the original has changed since it was cloned. */
int rehearse_compare(Rehearsal *r) _must_check_;

enum { OVERLAY_IMPOSSIBLE = RESULT_INVALID + 1 }; /* no Result */

/* Mounts an overlay over the original after place_prepare_rehearsal(); place_open_clone() opens it.
 * The process needs a mount namespace of its own. Returns 0, a negative errno, or
 * OVERLAY_IMPOSSIBLE (with nothing left on disk) if the kernel or the file system has no overlay
 * that is as good as a clone. overlay.c. */
int overlay_lay(const Place *place) _must_check_;
/* Opens the layer with the changes. Returns a descriptor or a negative errno. */
int overlay_open_upper(const Place *place) _must_check_;
/* Unmounts the overlay; the changes stay. The caller has closed all descriptors in the overlay.
 * Returns 0 or a negative errno. */
int overlay_lift(const Place *place) _must_check_;

/* Notes in t.what why there is nothing more to try; result can be RESULT_DONE, too. Takes over
 * what. Returns result. */
Result rehearse_end(Rehearsal *r, char *what, Result result);
/* Writes the journal and STORE/rehearsal, and removes or keeps the clone. Returns the exit status:
 * result, or RESULT_FAILED if the record could not be written. rehearse/record.c. */
int rehearse_report(Rehearsal *r, int result) _must_check_;
/* Reports that nothing can be rehearsed: what says why, and is freed. Returns the exit status, as
 * rehearse_report() does. */
int rehearse_report_nothing(Rehearsal *r, char *what, int result) _must_check_;

/* Records the directories of the clones before they are made; kept says that they stay. Returns 0
 * or a negative errno. rehearse/record.c. */
int rehearse_announce(const Rehearsal *r, bool kept) _must_check_;
