/* SPDX-License-Identifier: MIT */
/* Holds the data of one run of the helper, and finds the directories of its state. */
#pragma once

#include "basic/canceled.h"
#include "declare/declaration.h"
#include "declare/plan.h"
#include "judge/words.h"
#include "place/place.h"
#include "place/space.h"
#include "state/lodging.h"
#include "store/store.h"
#include "system/log.h"

/* The data of one run of the helper. Pointers are borrowed, except units, places, lodgings, where,
 * facts and refusal. */
typedef struct Run {
    const Declarations *declarations; /* declarations of all services */
    const Declaration *declaration;
    Store *store;
    LogContext log;
    char **units;  /* units of the declaration; not empty after it was read */
    Place *places; /* one for each Directory=, in that order; found, not prepared */
    size_t n_places;
    Lodging *lodgings; /* one for each Within=, in that order */
    size_t n_lodgings;
    char *where;             /* for messages: the first directory, or "NAME's state" */
    bool check_only;         /* no migration follows */
    bool reports;            /* migratectl prints a refusal; the run only fills in refusal */
    Facts facts;             /* about the state; from run_look() */
    Refusal refusal;         /* a refusal that only this run has found, for STORE/refused */
    Fingerprint fingerprint; /* fingerprint of the attempt */
    bool approved;           /* the attempt is approved, so CopyLimit= does not count */
} Run;

/* Fills in run->places, run->lodgings and run->facts. Has to be called again after an exchange.
 * Obstacles are facts, not errors. 0 or -ENOMEM. */
int run_look(Run *run) _must_check_;
/* Calls run_look(), and refuses if a directory cannot be used. Returns RESULT_DONE, or a Result
 * that was logged. */
Result run_find_places(Run *run) _must_check_;
void run_forget_places(Run *run);

/* Makes the query for the space of the clones. Borrows from run. */
SpaceQuery run_space_query(const Run *run);
