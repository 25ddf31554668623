/* SPDX-License-Identifier: MIT */
/* Builds plans: the migrations that lead from one version to another, in order. A plan depends only
 * on the declaration and, on the way back, on the lineage. */
#pragma once

#include "declare/declaration.h"

typedef struct Step {
    const Migration *migration; /* NULL: only the stamp changes (Gaps=allow, or [EveryUp]) */
    const Hooks *hooks;         /* hooks of the plan's direction; NULL: nothing runs */
    char *from, *to;            /* versions of this step; from NULL: the step is Init= */
} Step;

/* A past migration, which led the state from one version to the next. */
typedef struct Arrival {
    char *migration; /* id of the migration */
    char *from, *to;
    char *id;        /* id of the transaction; NULL: unknown */
    Migration *kept; /* the kept [Down], see wayback/wayback.h; owned; NULL: none */
} Arrival;

/* The migrations that led to the present version, newest first. wayback/lineage.c reads them from
 * the history. */
typedef struct Lineage {
    Arrival *items;
    size_t n_items;
    char **damaged; /* sentences about kept steps that cannot be used */
} Lineage;

void lineage_free(Lineage *lineage);

typedef struct Plan {
    char *from, *to; /* from NULL: there is no state; Init= creates it */
    bool down;       /* the plan leads to an older version; a plan never mixes directions */
    Step *steps;
    size_t n_steps;
    bool every_up; /* the last step is [EveryUp], from the plan's first to its last version */
} Plan;

typedef enum PlanOutcome {
    PLAN_READY = 0,
    PLAN_CURRENT,   /* from equals Version=, in any spelling: there is nothing to do */
    PLAN_GAP,       /* no path: reterr_what says where the path ends and what is missing */
    PLAN_DOWNGRADE, /* the state is newer than Version= and there is no way back; reterr_what
                     * says why, and where the way down ends */
    PLAN_SKIP,      /* the path skips a series that MaxSkip= requires */
} PlanOutcome;

/* Builds the plan from a state's version to Version=; downwards only if Downgrade= allows scripts.
 * Prefers the fewest steps, then the path whose files sort first.
 *
 * [Down] leads to the version from which the state came. Without a lineage, that version is known
 * only for a migration from one version to one version, and for a linear migration.
 *
 * The plan borrows kept migrations from lineage. Returns a PlanOutcome or -ENOMEM. For PLAN_GAP,
 * PLAN_DOWNGRADE and PLAN_SKIP, reterr_what is a sentence that the caller owns. */
int plan_build(const Declaration *declaration, const char *from, const Lineage *lineage, Plan *ret,
               char **reterr_what) _must_check_;
/* Makes the plan of a first start, whose only step is Init=. Returns 0 or -ENOMEM. */
int plan_init(const Declaration *declaration, Plan *ret) _must_check_;
void plan_free(Plan *plan);
