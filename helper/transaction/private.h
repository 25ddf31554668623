/* SPDX-License-Identifier: MIT */
/* A transaction under way: what the files that transaction.c tells the story with share. Each
 * function here returns 0, or a Result with the reason in t->what. */
#pragma once

#include "sandbox/sandbox.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"
#include "tree/clone.h"

#include <assert.h>

typedef struct Transaction {
    Run *run;
    const Plan *plan;
    Protect protect; /* PROTECT_HOOKS also where there are no directories */
    Flight
        flight; /* its places are the run's; record NULL: memory was short before anything began */
    uint64_t started;
    CloneResult *clones; /* one a place */
    SandboxTree *trees;  /* the clones; their descriptors are owned here */
    char *what;          /* of the last failure */
    size_t step;
    int guests_fd;   /* a lock, see lodging.h; -1: none */
    Result unwanted; /* what prove_wanted() said right before a command */
    bool stale;      /* of a failure: the state was changing under the clone */
    bool keep_clone; /* of a failure: for somebody to look at */
} Transaction;

/* Frees what it holds, not itself. transaction.c. */
void transaction_free(Transaction *t);

/* Makes the flight and its record, which is not written yet. 0 or a negative errno. describe.c. */
int describe(Transaction *t) _must_check_;

/* Clones every directory. clone.c. */
Result clone_all(Transaction *t) _must_check_;

/* The same of the place i, which place_prepare() or its like has prepared, and opens it as
 * t->trees[i]; more than limit bytes are not copied. live: the state may be changing meanwhile.
 * RESULT_APPROVAL: that was not enough. */
Result clone_place(Transaction *t, size_t i, uint64_t limit, bool live) _must_check_;

/* Runs and verifies every step on the clones. steps.c. */
Result steps_run(Transaction *t) _must_check_;
/* The same of the first n; done (may be NULL) is told how each of these ended that has something to
 * run. */
typedef void (*StepDone)(size_t step, Result result, uint64_t usec, void *userdata);
Result steps_run_some(Transaction *t, size_t n, StepDone done, void *userdata) _must_check_;

/* Nobody uses the state, it is as it was cloned, and this migration is still wanted. prove.c. */
Result prove(Transaction *t) _must_check_;
/* Of these the last: are declaration and scripts what was planned with, and agreed to? */
Result prove_wanted(Transaction *t) _must_check_;

/* Note why the transaction cannot go on, and return result, or RESULT_FAILED. The first takes the
 * text over, NULL meaning that memory is short; in the second, what may be NULL; in the third, what
 * says the reason itself, and where it is NULL, error does. fail.c. */
Result transaction_fail(Transaction *t, char *what, Result result);
Result transaction_fail_errno(Transaction *t, const char *doing, const char *what, int error);
Result transaction_fail_what(Transaction *t, const char *doing, const char *what, int error);
