/* SPDX-License-Identifier: MIT */
/* The route that a state takes to a version which the software takes: along migrations, or by
 * bringing a backup back. Decided from facts alone.
 *
 * Migrations always keep what was before, so nothing is ever lost by a route; but what somebody has
 * written can end up in a backup where nobody looks for it. That never happens without consent. It
 * needs none where nothing was written: a migrated state that nobody has used goes back by a swap,
 * whatever Downgrade= says, and forward again in the same way (live.h proves it). */
#pragma once

#include "backup/backup.h"
#include "declare/plan.h"

typedef enum RouteKind {
    ROUTE_REFUSED, /* there is none: what says why */
    ROUTE_MIGRATE, /* along the plan */
    ROUTE_RESTORE, /* the backup becomes the state, the state a backup */
} RouteKind;

typedef struct Route {
    RouteKind kind;
    PlanOutcome outcome; /* of planning, for ROUTE_REFUSED */
    char *what;          /* the same: a sentence */
    Plan plan; /* borrows from the facts; of ROUTE_RESTORE one without steps, from what there is to
                  what is in the backup */
    char *backup;   /* ROUTE_RESTORE: its id. ROUTE_MIGRATE: of newer data that migrating anew would
                       leave behind, else NULL */
    char *version;  /* that the backup has */
    char *finished; /* when it became one, UTC; may be NULL */
    char *aside_to; /* ROUTE_MIGRATE with a backup: the version that the state was taken back to */
    bool lossless;  /* ROUTE_RESTORE: nothing was written to what becomes a backup */
    bool asks_consent; /* it needs an approval of its own, which only an operator who was shown it
                          can give: Approved= does not do */
} Route;

struct Facts;

/* Chooses for a state that has another version than is declared: version is its stamp, FROM::TO
 * included. The facts have ways. 0 or -ENOMEM. */
int route_choose(const struct Facts *facts, const char *version, Route *ret) _must_check_;
void route_free(Route *route);

/* The backup of which it matters whether the state was used since it was made; the facts have ways,
 * but for that. Theirs; NULL: there is none. */
const Backup *route_candidate(const struct Facts *facts, const char *version);
/* The newest backup whose transaction led to where the state is; NULL: there is none. */
const Backup *route_newest_leading_to(const Backups *backups, const char *stamp);

/* What distinguishes an approval of this route from others between the same versions; NULL:
 * nothing does. The caller owns *ret. 0 or -ENOMEM. */
int route_extra(const Route *route, char **ret) _must_check_;
