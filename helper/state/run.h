/* SPDX-License-Identifier: MIT */
/* What one run of the helper knows, and finding the directories of its state. */
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
    bool reports;    /* a refusal is for migratectl to print; it is in refusal */
    Facts facts;     /* about the state; run_look() */
    Refusal refusal; /* what only this run has found out, for STORE/refused */
    Fingerprint fingerprint; /* of what is attempted */
    bool approved;           /* somebody agreed to it, so CopyLimit= does not count */
} Run;

/* Fills in run->places, run->lodgings and run->facts, anew after something was exchanged. What
 * stands against a directory is part of the facts. 0 or -ENOMEM. */
int run_look(Run *run) _must_check_;
/* The same for those who need every directory. RESULT_DONE, or a Result that was logged. */
Result run_find_places(Run *run) _must_check_;
void run_forget_places(Run *run);

/* What is asked of the clones' room. */
SpaceQuery run_space_query(const Run *run);
