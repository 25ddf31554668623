/* SPDX-License-Identifier: MIT */
/* The route that a state takes to a version which the software takes: along migrations, or by
 * bringing a backup back.
 *
 * Migrations always keep what was before, so nothing is ever lost by a route; but what somebody has
 * written can end up in a backup where nobody looks for it. That never happens without consent. It
 * needs none where nothing was written: a migrated state that nobody has used goes back by a swap,
 * whatever Downgrade= says, and forward again in the same way (live.h proves it). */
#pragma once

#include "declare/plan.h"
#include "store/store.h"
#include "wayback/lineage.h"

typedef enum RouteKind {
    ROUTE_REFUSED, /* there is none: what says why */
    ROUTE_MIGRATE, /* along the plan */
    ROUTE_RESTORE, /* the backup becomes the state, the state a backup */
} RouteKind;

typedef struct Route {
    RouteKind kind;
    PlanOutcome outcome; /* of planning, for ROUTE_REFUSED */
    char *what;          /* ROUTE_REFUSED: a sentence; ROUTE_RESTORE: what it means, for people */
    Lineage lineage;     /* the plan borrows from it */
    Plan plan;           /* for ROUTE_MIGRATE */
    char *backup;  /* ROUTE_RESTORE: its id. ROUTE_MIGRATE: of newer data that migrating anew would
                      leave behind, else NULL */
    char *version; /* that the backup has */
    bool lossless; /* ROUTE_RESTORE: nothing was written to what becomes a backup */
    char *reason;  /* why it needs an approval of its own, which only an operator who was shown it
                      can give: Approved= does not do; or NULL */
} Route;

/* Chooses for a state that has another version than is declared: version is its stamp, FROM::TO
 * included. root as for store_open(). Changes nothing. 0 or a negative errno. */
int route_choose(const char *root, const Declaration *declaration, const Store *store,
                 const char *version, Route *ret) _must_check_;
void route_free(Route *route);

/* What distinguishes an approval of this route from others between the same versions; NULL:
 * nothing does. The caller owns *ret. 0 or -ENOMEM. */
int route_extra(const Route *route, char **ret) _must_check_;

typedef enum Written {
    WRITTEN_SINCE,  /* to the state, since the transaction that led to it; or that cannot be told */
    WRITTEN_BEFORE, /* not since, but it is a backup that was brought back, and to that */
    WRITTEN_NEVER,  /* what is there, a migration has made of what is in a backup */
} Written;

/* What has somebody written to the state, whose stamp is version? */
Written route_written(const char *root, const Store *store, const char *version);
