/* SPDX-License-Identifier: MIT */
/* The transaction: copy, migrate the copy, swap. transaction.c tells it in order. */
#pragma once

#include "declaration.h"
#include "log.h"
#include "place.h"
#include "plan.h"
#include "store.h"

#include <signal.h>

/* Non-zero once SIGTERM, SIGINT or SIGHUP came: what runs is cut short, and the state stays as it
 * was. */
extern volatile sig_atomic_t canceled;

/* What one run of the helper knows. Everything but places is borrowed. */
typedef struct Run {
    const Declaration *declaration;
    Store *store;
    LogContext log;
    char **units;  /* for the log */
    Place *places; /* one a Directory=, in that order; found, not prepared */
    size_t n_places;
    bool check_only; /* nothing is going to be migrated */
} Run;

/* Takes the state along a plan, from staging to the swap. The caller holds the lock, has settled
 * what was in flight, and has found the state at plan->from. A Result; everything that happened has
 * been logged. */
int transaction_run(Run *run, const Plan *plan) _must_check_;

/* Settles what a crash left behind: drops a clone, or finishes a swap that had begun. RESULT_DONE,
 * also when there was nothing, or RESULT_ATTENTION. recover.c. */
int transaction_settle(Store *store, LogContext *log) _must_check_;

/* What transaction.c and recover.c share. The mark (STAGE_MARK): an attribute on the clone's root
 * that says which tree is which after a crash in the middle of exchanges. It stays on the state;
 * every transaction has its own. */
/* Is this directory the clone of transaction ID? 1, 0, or a negative errno where it cannot be told.
 */
int mark_test(int fd, const char *id) _must_check_;

/* staging: nothing of the live state has been touched. swapping: clones are complete and on disk,
 * exchanges may have happened. recording: nothing is migrated, only stamps are written. */
#define PHASE_STAGING   "staging"
#define PHASE_SWAPPING  "swapping"
#define PHASE_RECORDING "recording"

/* How often a migration is tried again after it was cut off. */
#define INTERRUPTIONS_MAX 3

/* Remembers that an attempt was cut off; after three in a row it counts as failed. */
int interruption_count(const Store *store, uint64_t fingerprint);
int interruption_add(const Store *store, uint64_t fingerprint) _must_check_;

/* The places, as a transaction's record describes them; NULL: out of memory. */
json_object *places_describe(const Place *places, size_t n_places) _must_check_;

/* Of a transaction in phase "recording": stamps every place with the record's "to", writes the
 * history, forgets the transaction. Repeatable at every point. 0 or a negative errno, with the
 * place that it speaks of in *ret_i. */
int recording_conclude(const Store *store, json_object *record, const Place *places,
                       size_t n_places, const LogContext *log, size_t *ret_i) _must_check_;

/* After the last exchange: makes it durable, leaves what is to be done after the start, writes the
 * history, forgets the transaction. Repeatable at every point. */
int transaction_conclude(const Store *store, json_object *record, Place *places, size_t n_places,
                         const LogContext *log) _must_check_;

/* "fingerprint" fields are 64 bits; JSON numbers are not. The caller owns it. */
char *fingerprint_format(uint64_t fingerprint) _must_check_;
uint64_t fingerprint_parse(const char *s);
