/* SPDX-License-Identifier: MIT */
/* A running transaction, shared by the files that transaction.c calls. A function here returns
 * RESULT_DONE, or another Result with the reason in t->what. */
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
    Flight flight; /* its places belong to the run; id NULL: out of memory before anything began */
    uint64_t started;
    CloneResult *clones; /* one for each place */
    SandboxTree *trees;  /* the clones; owns the descriptors */
    char *what;          /* the reason of the last failure */
    size_t step;
    int guests_fd;   /* a lock of guests, see lodging.h; -1: none */
    Result unwanted; /* the result of prove_wanted() before a command */
    bool stale;      /* after a failure: the state was changing during the copy */
    bool keep_clone; /* after a failure: the operator should look at the clone */
} Transaction;

/* Frees what the struct holds. transaction.c. */
void transaction_free(Transaction *t);

/* Makes the flight and its record, without writing it. 0 or a negative errno. describe.c. */
int describe(Transaction *t) _must_check_;

/* Clones every directory. clone.c. */
Result clone_all(Transaction *t) _must_check_;

/* Clones place i, which place_prepare() or its like has prepared, to t->trees[i]. RESULT_APPROVAL:
 * more than limit bytes would have to be copied. live: the state may change during the copy. */
Result clone_place(Transaction *t, size_t i, uint64_t limit, bool live) _must_check_;

/* Runs and verifies every step on the clones. steps.c. */
Result steps_run(Transaction *t) _must_check_;
/* The first n only. done (may be NULL) is called after each step that has something to run. */
typedef void (*StepDone)(size_t step, Result result, uint64_t usec, void *userdata);
Result steps_run_some(Transaction *t, size_t n, StepDone done, void *userdata) _must_check_;

/* Is the state idle and as it was cloned, and is the migration still wanted? prove.c. */
Result prove(Transaction *t) _must_check_;
/* Are declaration and scripts as they were planned and approved? */
Result prove_wanted(Transaction *t) _must_check_;

/* Note the reason, and return result or RESULT_FAILED. The first takes over the text, NULL: out of
 * memory. In the second, what may be NULL. In the third, what is the reason if it is not NULL, else
 * error is. fail.c. */
Result transaction_fail(Transaction *t, char *what, Result result);
Result transaction_fail_errno(Transaction *t, const char *doing, const char *what, int error);
Result transaction_fail_what(Transaction *t, const char *doing, const char *what, int error);
