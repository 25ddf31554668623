/* SPDX-License-Identifier: MIT */
/* What one run of the helper knows, and finding the directories of its state. */
#pragma once

#include "basic/canceled.h"
#include "declare/declaration.h"
#include "declare/plan.h"
#include "judge/facts.h"
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
    bool detected;   /* what version the state has was found out, and no stamp says so yet */
    Fingerprint fingerprint; /* of what is attempted, attempt_fingerprint(); consent_begin() */
    Facts facts;
    bool approved; /* somebody agreed to it, so CopyLimit= does not count; consent_check() */
} Run;

/* Fills in run->places and run->lodgings, anew after something was exchanged; what is in the
 * directories is not looked at. RESULT_DONE, or a Result that was logged. */
Result run_find_places(Run *run) _must_check_;
void run_forget_places(Run *run);

/* What is asked of the clones' room; again: the command to run once there is room. */
SpaceQuery run_space_query(const Run *run, const char *again);
