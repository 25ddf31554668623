/* SPDX-License-Identifier: MIT */
/* Plans: the migrations that lead from one version to another, in order. A plan depends only on the
 * declaration and, on the way back, on the lineage. */
#pragma once

#include "declare/declaration.h"

typedef struct Step {
    const Migration *migration; /* NULL: no migration, only the stamp changes (Gaps=allow, or
                                 * [EveryUp]) */
    const Hooks *hooks;         /* the hooks of the plan's direction; NULL: nothing runs */
    char *from, *to;            /* from NULL: Init= */
} Step;

/* A migration led the state from one version to the next. */
typedef struct Arrival {
    char *migration; /* its id */
    char *from, *to;
    char *id;        /* of its transaction; NULL: unknown */
    Migration *kept; /* its [Down] as it was then, see wayback/wayback.h; owned; NULL: not kept */
} Arrival;

/* How the state reached its version, newest first; wayback/lineage.h reads it from the history. */
typedef struct Lineage {
    Arrival *items;
    size_t n_items;
    char **damaged; /* sentences about kept steps that cannot be used */
} Lineage;

void lineage_free(Lineage *lineage);

typedef struct Plan {
    char *from, *to; /* from NULL: there is no state, Init= creates it */
    bool down;       /* to an older version; a plan leads only up or only down */
    Step *steps;
    size_t n_steps;
    bool every_up;   /* the last step is [EveryUp], from the plan's first to its last version */
} Plan;

typedef enum PlanOutcome {
    PLAN_READY = 0,
    PLAN_CURRENT,   /* from equals Version=, in any spelling: nothing to do */
    PLAN_GAP,       /* no way: reterr_what says where it ends and what is missing */
    PLAN_DOWNGRADE, /* the state is newer than Version= and there is no way back: reterr_what says
                     * why and where the way down ends */
    PLAN_SKIP,      /* the way skips a series that MaxSkip= requires */
} PlanOutcome;

/* Plans from a state's version to Version=; downwards only if Downgrade= allows scripts. Prefers
 * the fewest steps, then the way whose files sort first.
 *
 * [Down] leads to the version that the state came from. lineage says which that was; without a
 * lineage it is known only for a migration from one version to one, and for one of a list. Between
 * two versions the plan prefers a [Down] that is declared for exactly these, then a kept one, then
 * one that is declared for a range.
 *
 * The plan borrows kept migrations from lineage, which must outlive it.
 *
 * Returns a PlanOutcome or -ENOMEM. reterr_what is a sentence for PLAN_GAP, PLAN_DOWNGRADE and
 * PLAN_SKIP, which the caller owns. */
int plan_build(const Declaration *declaration, const char *from, const Lineage *lineage, Plan *ret,
               char **reterr_what) _must_check_;
/* Makes the plan of a first start, whose only step is Init=. 0 or -ENOMEM. */
int plan_init(const Declaration *declaration, Plan *ret) _must_check_;
void plan_free(Plan *plan);
