/* SPDX-License-Identifier: MIT */
/* Chooses the route of a state to a version that the software accepts: along migrations, or by
 * restoring a backup. Decides from facts alone.
 *
 * A route never loses data, since a migration keeps the old state in a backup. But data that
 * somebody wrote can end up in a backup where nobody looks for it, so such a route needs consent. A
 * state to which nobody has written (live.h) is swapped back, and forward again, without consent,
 * whatever Downgrade= says. */
#pragma once

#include "backup/backup.h"
#include "declare/plan.h"

typedef enum RouteKind {
    ROUTE_REFUSED, /* there is no route; "what" says why */
    ROUTE_MIGRATE, /* the route is the plan's migrations */
    ROUTE_RESTORE, /* the route is a restore: backup and state are exchanged */
} RouteKind;

typedef struct Route {
    RouteKind kind;
    PlanOutcome outcome; /* why planning failed, for ROUTE_REFUSED */
    char *what;          /* for ROUTE_REFUSED: the reason, a sentence */
    Plan plan;           /* borrows from the facts; without steps for ROUTE_RESTORE */
    char *backup;   /* ROUTE_RESTORE: the id of the backup. ROUTE_MIGRATE: the id of newer data that
                       a new migration would ignore; NULL: none */
    char *version;  /* version of the backup */
    char *finished; /* when that data became a backup, UTC; may be NULL */
    char *aside_to; /* ROUTE_MIGRATE with a backup: the version to which a restore has led */
    bool lossless;  /* ROUTE_RESTORE: nobody has written to the present state */
    bool asks_consent; /* the route needs an approval by an operator; Approved= is not enough */
} Route;

struct Facts;

/* Chooses a route for a state with another version than the declared one. version: the stamp, which
 * may be FROM::TO. The caller has read facts->ways. 0 or -ENOMEM. */
int route_choose(const struct Facts *facts, const char *version, Route *ret) _must_check_;
void route_free(Route *route);

/* Returns the backup that comes back without consent if nobody has used the state. Does not need
 * facts->ways.candidate. Borrowed from the facts; NULL: there is none. */
const Backup *route_candidate(const struct Facts *facts, const char *version);
/* Returns the newest backup whose transaction led to that stamp. NULL: there is none. */
const Backup *route_newest_leading_to(const Backups *backups, const char *stamp);

/* Returns the newest whole backup of a version that the software accepts. NULL: there is none. */
const Backup *route_newest_accepted(const Backups *backups, const Declaration *declaration);

/* Names the backup that an approval of the route covers: "restore ID", or "without ID" for a plan
 * that ignores the backup. *ret NULL: no backup. The caller owns *ret. 0 or -ENOMEM. */
int route_extra(const Route *route, char **ret) _must_check_;
