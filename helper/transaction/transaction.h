/* SPDX-License-Identifier: MIT */
/* The transaction: copy, migrate the copy, swap. transaction.c tells it in order. */
#pragma once

#include "declare/declaration.h"
#include "transaction/lodging.h"
#include "system/log.h"
#include "place/place.h"
#include "declare/plan.h"
#include "store/store.h"

#include <signal.h>

/* Non-zero once SIGTERM, SIGINT or SIGHUP came: what runs is cut short, and the state stays as it
 * was. */
extern volatile sig_atomic_t canceled;

/* What one run of the helper knows. Everything but units, places, lodgings and where is borrowed.
 */
typedef struct Run {
    const Declarations *declarations; /* all services */
    const Declaration *declaration;
    Store *store;
    LogContext log;
    char **units;  /* of the declaration; never empty once that is there */
    Place *places; /* one a Directory=, in that order; found, not prepared */
    size_t n_places;
    Lodging *lodgings; /* one a Within=, in that order */
    size_t n_lodgings;
    char *where;     /* where the data is, for messages: the primary directory, if there is one */
    bool check_only; /* nothing is going to be migrated */
    bool detected;   /* what version the state has was found out, and no stamp says so yet */
    Fingerprint fingerprint; /* of what is attempted, attempt_fingerprint(); consent_begin() */
    bool approved; /* somebody agreed to it, so CopyLimit= does not count; consent_check() */
} Run;

/* Takes the state along a plan, from staging to the swap. The caller holds the lock, has settled
 * what was in flight, has found the state at plan->from and called consent_begin(). A Result;
 * everything that happened has been logged. */
int transaction_run(Run *run, const Plan *plan) _must_check_;

/* Settles what a crash left behind: drops a clone, or finishes a swap that had begun. RESULT_DONE,
 * also when there was nothing; RESULT_BUSY, where somebody whose part lives in this state is at
 * work; or RESULT_ATTENTION. recover.c. */
int transaction_settle(Store *store, LogContext *log) _must_check_;
