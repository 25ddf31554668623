/* SPDX-License-Identifier: MIT */
/* The data of a running transaction, shared by the files that transaction.c calls. A function with
 * a Transaction returns RESULT_DONE, or another Result with the reason in t->what. */
#pragma once

#include "sandbox/sandbox.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"
#include "tree/tree.h"

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
    uint64_t temporary; /* most space of temporary files of a command, which are gone */
    Result unwanted; /* the result of prove_wanted() before a command */
    bool stale;      /* after a failure: the state was changing during the copy */
    bool keep_clone; /* after a failure: the operator should look at the clone */
} Transaction;

/* Frees the members of the struct. transaction.c. */
void transaction_free(Transaction *t);
/* Allocates t->clones and t->trees. transaction.c. */
Result transaction_allocate(Transaction *t) _must_check_;

/* Makes the flight and its record, without writing the record. Returns 0 or a negative errno.
 * describe.c. */
int describe(Transaction *t) _must_check_;

/* Clones every directory. clone.c. */
Result clone_all(Transaction *t) _must_check_;
/* Clones directory i, which place_prepare() or place_prepare_rehearsal() has prepared, to
 * t->trees[i]. Returns RESULT_APPROVAL if more than limit bytes would have to be copied. If live is
 * set, the state may change during the copy. */
Result clone_place(Transaction *t, size_t i, uint64_t limit, bool live) _must_check_;
/* Says whether clone_place() gives the clone to another user. */
bool clone_changes_owner(const Transaction *t, size_t i);

/* Gives the clones of empty directories to User= and Group=, if declared. init.c. */
Result init_own_clones(Transaction *t) _must_check_;
/* Fails if Init= has made nothing. */
Result init_verify(Transaction *t) _must_check_;

/* Runs and verifies the first n steps on the clones. Calls done (may be NULL) after each step that
 * has something to run. steps.c. */
typedef void (*StepDone)(size_t step, Result result, uint64_t usec, void *userdata);
Result steps_run(Transaction *t, size_t n, StepDone done, void *userdata) _must_check_;
/* Copies the [Down] scripts of the plan into the store, see wayback/wayback.h. */
Result steps_keep(Transaction *t) _must_check_;

/* Fails unless the state is idle and as it was cloned, and the migration is still wanted.
 * prove.c. */
Result prove(Transaction *t) _must_check_;
/* Fails unless declaration and scripts are as they were planned and approved. */
Result prove_wanted(Transaction *t) _must_check_;

/* Undoes the transaction, which failed with result for the reason in t->what. With result
 * RESULT_ATTENTION, undoes nothing: some directories are exchanged, and recovery has to finish the
 * swap. Returns result, or RESULT_ATTENTION. abandon.c. */
Result abandon(Transaction *t, Result result) _must_check_;
/* Logs that the migration is committed, but could not be concluded. */
void abandon_log_unconcluded(const Transaction *t, int error);
/* Logs that the effects of a script outside of the state remain, and how to fix the state. */
void abandon_log_lasting(const Flight *flight, const char *unit);

typedef enum RollbackOutcome {
    ROLLBACK_DONE = 0,
    ROLLBACK_LASTING = 1, /* a script without Restore= has acted outside of the state, or another
                           * service has changed the live state (flight->changed) */
    ROLLBACK_STUCK = 2,   /* the transaction cannot be undone yet, for the reason in reterr_what;
                           * the record stays */
} RollbackOutcome;

/* Runs the Restore= hooks, puts back the clones if scripts ran on the live state, and stamps FROM
 * if all effects are undone. flight_discard() drops the clones afterwards. trees: the directories
 * on which the scripts ran, or NULL after a crash. Repeatable at every point. rollback.c. */
RollbackOutcome rollback(Flight *flight, const SandboxTree *trees, char **reterr_what) _must_check_;

/* Note the reason of a failure in t->what. transaction_fail() returns result; its first form takes
 * over what (NULL if memory ran out). transaction_check() returns RESULT_DONE, or RESULT_FAILED if
 * error is negative, with the reason "DOING WHAT: ERROR" (what may be NULL);
 * transaction_check_what() with the reason "DOING: WHAT", or the error if what is NULL. fail.c. */
Result transaction_fail_take(Transaction *t, Result result, char *what);
#define transaction_fail(t, result, ...) transaction_fail_take(t, result, strprintf(__VA_ARGS__))
Result transaction_check(Transaction *t, int error, const char *doing, const char *what);
Result transaction_check_what(Transaction *t, int error, const char *doing, const char *what);
