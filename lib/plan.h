/* SPDX-License-Identifier: MIT */
/* The way from one version to another: which migrations, in which order. A pure function of the
 * declaration. */
#pragma once

#include "declaration.h"

typedef struct Step {
    const Migration *migration; /* NULL: no migration is declared here, the stamp just moves
                                   (Gaps=allow, or [EveryUp] brings it there) */
    const Hooks *hooks;         /* what runs; NULL where nothing does */
    char *from, *to;
} Step;

typedef struct Plan {
    char *from, *to;
    Step *steps;
    size_t n_steps;
    bool every_up; /* the last step is [EveryUp]'s, from where the plan begins to where it ends */
} Plan;

typedef enum PlanOutcome {
    PLAN_READY = 0,
    PLAN_CURRENT,   /* from is the declared version, or another spelling of it: nothing to run */
    PLAN_GAP,       /* no way there: reterr_what names where it ends and what is missing */
    PLAN_DOWNGRADE, /* the state is newer than what is declared */
    PLAN_SKIP,      /* the way leaves out a series that MaxSkip= wants to be passed through */
} PlanOutcome;

/* Plans from a state's version to the declared one. Of several ways the one with the fewest steps;
 * of these the one whose files come first by name. Returns a PlanOutcome or -ENOMEM; reterr_what
 * (to be freed) is a sentence for PLAN_GAP, PLAN_DOWNGRADE and PLAN_SKIP. */
int plan_build(const Declaration *declaration, const char *from, Plan *ret,
               char **reterr_what) _must_check_;
void plan_free(Plan *plan);
