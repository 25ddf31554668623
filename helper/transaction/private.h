/* SPDX-License-Identifier: MIT */
/* Declares a running transaction, shared by the files that transaction.c calls. A function here
 * returns RESULT_DONE, or another Result with the reason in t->what. */
#pragma once

#include "sandbox/sandbox.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"
#include "tree/clone.h"

#include <assert.h>

typedef struct Transaction {
    Run *run;
    const Plan *plan;
    Protect protect; /* PROTECT_HOOKS if there are no directories */
    Flight flight;   /* its places belong to the run; id is NULL if memory ran out before anything
                    * began */
    uint64_t started;
    CloneResult *clones; /* one for each directory */
    SandboxTree *trees;  /* the clones; owns the descriptors */
    char *what;          /* the reason of the last failure */
    size_t step;
    int guests_fd;   /* a lock that keeps guests out, see lodging.h; -1 if not taken */
    Result unwanted; /* the result of prove_wanted() before a command */
    bool stale;      /* after a failure: the state was changing during the copy */
    bool keep_clone; /* after a failure: the operator should look at the clone */
} Transaction;

/* Frees the members of the struct. transaction.c. */
void transaction_free(Transaction *t);

/* Makes the flight and its record, without writing the record. Returns 0 or a negative errno.
 * describe.c. */
int describe(Transaction *t) _must_check_;

/* Clones every directory. clone.c. */
Result clone_all(Transaction *t) _must_check_;

/* Clones directory i, which place_prepare() or place_prepare_rehearsal() has prepared, to
 * t->trees[i]. Returns RESULT_APPROVAL if more than limit bytes would have to be copied. If live is
 * set, the state may change during the copy. */
Result clone_place(Transaction *t, size_t i, uint64_t limit, bool live) _must_check_;

/* Runs and verifies every step on the clones. steps.c. */
Result steps_run(Transaction *t) _must_check_;
typedef void (*StepDone)(size_t step, Result result, uint64_t usec, void *userdata);
/* Runs the first n steps. Calls done (may be NULL) after each step that has something to run. */
Result steps_run_some(Transaction *t, size_t n, StepDone done, void *userdata) _must_check_;

/* Fails unless the state is idle and as it was cloned, and the migration is still wanted.
 * prove.c. */
Result prove(Transaction *t) _must_check_;
/* Fails unless declaration and scripts are as they were planned and approved. */
Result prove_wanted(Transaction *t) _must_check_;

/* Note the reason of a failure in t->what. transaction_fail() takes over what (NULL if memory ran
 * out), and returns result; the others return RESULT_FAILED. transaction_fail_errno() accepts what
 * NULL. transaction_fail_what() uses what as the reason, or error if what is NULL. fail.c. */
Result transaction_fail(Transaction *t, char *what, Result result);
Result transaction_fail_errno(Transaction *t, const char *doing, const char *what, int error);
Result transaction_fail_what(Transaction *t, const char *doing, const char *what, int error);
