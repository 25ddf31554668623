/* SPDX-License-Identifier: MIT */
/* The way from one version to another: which migrations, in which order. A pure function of the
 * declaration and, on the way back, of where the state came from. */
#pragma once

#include "declare/declaration.h"

typedef struct Step {
    const Migration *migration; /* NULL: no migration is declared here, the stamp just moves
                                   (Gaps=allow, or [EveryUp] brings it there) */
    const Hooks *hooks;         /* what runs, of the plan's direction; NULL where nothing does */
    char *from, *to;            /* from NULL: Init= */
} Step;

/* A migration led the state from one version to the next. */
typedef struct Arrival {
    char *migration; /* its id */
    char *from, *to;
    char *id;        /* of the transaction that it was a step of; NULL: not on record */
    Migration *kept; /* its [Down] as it was then, wayback/wayback.h; owned; NULL: none was kept */
} Arrival;

/* How the state came to be what it is, the newest first; lineage.h reads it from the history. */
typedef struct Lineage {
    Arrival *items;
    size_t n_items;
    char **damaged; /* sentences about steps that were kept but cannot be gone back by */
} Lineage;

void lineage_free(Lineage *lineage);

typedef struct Plan {
    char *from, *to; /* from NULL: there is no state yet, Init= makes it */
    bool down;       /* to an older version, by [Down]; a plan goes only up or only down */
    Step *steps;
    size_t n_steps;
    bool every_up;   /* the last step is [EveryUp]'s, from where the plan begins to where it ends */
    Lineage lineage; /* plan_take_lineage() */
} Plan;

typedef enum PlanOutcome {
    PLAN_READY = 0,
    PLAN_CURRENT,   /* from is the declared version, or another spelling of it: nothing to run */
    PLAN_GAP,       /* no way there: reterr_what names where it ends and what is missing */
    PLAN_DOWNGRADE, /* the state is newer than what is declared, and does not go back: reterr_what
                       says why and where the way down ends */
    PLAN_SKIP,      /* the way leaves out a series that MaxSkip= wants to be passed through */
} PlanOutcome;

/* Plans from a state's version to the declared one; downwards with Downgrade=script alone. Of
 * several ways the one with the fewest steps; of these the one whose files come first by name.
 *
 * [Down] leads to the version that the state came from. lineage says which that was; without it
 * that is known only of a migration that starts at one version and leads to one, and of one in a
 * list. Between two versions a [Down] that is declared for exactly these goes first, then one that
 * was kept when the state was migrated up, then one that is declared for a range.
 *
 * Returns a PlanOutcome or -ENOMEM; reterr_what (to be freed) is a sentence for PLAN_GAP,
 * PLAN_DOWNGRADE and PLAN_SKIP. */
int plan_build(const Declaration *declaration, const char *from, const Lineage *lineage, Plan *ret,
               char **reterr_what) _must_check_;
/* The plan borrows what lineage holds that was kept; for one that is to live longer. */
void plan_take_lineage(Plan *plan, Lineage *lineage);
/* The plan of a first start: one step from nothing, which is Init='s. 0 or -ENOMEM. */
int plan_init(const Declaration *declaration, Plan *ret) _must_check_;
void plan_free(Plan *plan);
