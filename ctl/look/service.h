/* SPDX-License-Identifier: MIT */
/* What can be found out about one service by reading: its stamps, its records, its units, what is
 * pending. Writes nothing, locks nothing, runs no script. */
#pragma once

#include "declare/declaration.h"
#include "declare/plan.h"
#include "judge/route.h"
#include "store/approval.h"
#include "store/attempt.h"
#include "store/deferral.h"
#include "store/history.h"
#include "store/stamp.h"

#include <systemd/sd-bus.h>

typedef enum Condition {
    CONDITION_CURRENT,    /* at the declared version */
    CONDITION_ACCEPTED,   /* at another one that the software runs on: Accepts= */
    CONDITION_SELF,       /* the software migrates it itself, and has yet to start */
    CONDITION_PENDING,    /* migrated at the next start */
    CONDITION_FRESH,      /* there is no state yet */
    CONDITION_UNSTAMPED,  /* without a record; a script finds out at the next start */
    CONDITION_APPROVAL,   /* pending, and waits for approval */
    CONDITION_FAILED,     /* the last attempt failed; it is not repeated by itself */
    CONDITION_DEFERRED,   /* pending, and masked or switched off */
    CONDITION_INVALID,    /* the declaration is wrong */
    CONDITION_NEWER,      /* the state is newer than what is declared */
    CONDITION_GAP,        /* no migration leads there */
    CONDITION_SKIP,       /* the way leaves out a series */
    CONDITION_DISAGREE,   /* the places of the state have different stamps */
    CONDITION_UNKNOWN,    /* there is data, and nothing says which version it has */
    CONDITION_MISSING,    /* the state, or a directory of it, is gone */
    CONDITION_UNREADABLE, /* it takes root to say */
    CONDITION_IN_FLIGHT,  /* a migration is running, or was cut off */
    CONDITION_INERT,      /* declared, but not enabled */
} Condition;

/* "current", …, "in-flight", "inert": stable, for programs. */
const char *condition_name(Condition condition);

/* Is the service held down until somebody does something? */
bool condition_waits_for_operator(Condition condition);

/* A directory of the state, or where a stamp of it is in that of another service. */
typedef struct Spot {
    const char *directory; /* as declared; borrowed */
    const char *host;      /* whose it is: Within=; NULL: its own */
    int error;             /* 0, -ENOENT, or why it could not be read */
    Stamps stamps;
} Spot;

typedef struct UnitInfo {
    const char *unit;          /* borrowed */
    bool old;                  /* of OldUnit= */
    char *load, *active, *sub; /* NULL: could not be asked */
} UnitInfo;

typedef struct Service {
    const Declaration *declaration;
    Spot *spots;
    size_t n_spots;
    Store store;     /* fd -1: not there, or not to be read */
    int store_error; /* 0, -ENOENT, or why not */
    UnitInfo *units;
    size_t n_units;
    UnitInfo migration;     /* migrate@NAME.service */
    char *migration_unit;   /* its name */
    char *migration_status; /* its STATUS=, while it runs */

    /* Records; what cannot be read counts as missing. */
    bool has_transaction, has_failed, has_interrupted, has_post, has_deferral;
    TransactionRecord transaction, failed;
    InterruptionRecord interrupted;
    PostRecord post;
    History history;
    char *fresh;       /* version in "fresh=" */
    Approval approval; /* from NULL: none */
    Deferral deferral;

    Condition condition;
    char *version; /* that the state has; NULL: none, contradictory, or only a script can tell */
    bool assumed;  /* version is not stamped: Unversioned= or the marker of a fresh start */
    bool has_plan; /* plan leads from version to the declared one */
    bool readable; /* newer than declared, but the software may run on it (ReadableBy=) */
    bool approved, declared_approval; /* the plan, by a record or by Approved= */
    Fingerprint fingerprint;          /* attempt_fingerprint() of the plan */
    bool failed_before;               /* exactly this attempt has failed, and nobody said "retry" */
    Route route;     /* ROUTE_REFUSED with --from=; what it had of a plan is in plan */
    char *extra;     /* route_extra(), where it needs an approval of its own */
    Plan plan;       /* without steps: a backup is brought back */
    char **reasons;  /* why the plan needs approval */
    char **space;    /* what its clone takes; NULL: not reckoned, reckon.h */
    char *what;      /* a sentence about the condition, where there is more to say */
    char *rehearsed; /* "rehearsed 2 h ago: passed, 12 s"; NULL: not, or with --from= */
    char *next;      /* what to type, if anything */
} Service;

/* Looks. bus may be NULL: units are then unknown. from replaces what is found of the state
 * (--from=). 0 or -ENOMEM; what cannot be read is part of the result. */
int service_look(const Declaration *declaration, sd_bus *bus, const char *from,
                 Service *ret) _must_check_;
/* The second half of that: condition, version, plan, what and next. condition.c. */
int service_judge(Service *service, const char *from) _must_check_;
void service_free(Service *service);

/* "/var/lib/app is at 1, /srv/app has no stamp"; the caller owns it, NULL: out of memory.
 * condition.c. */
char *service_describe_spots(const Service *service) _must_check_;

/* PID 1, or NULL where it is not to be asked (--root=, no systemd, no bus). */
sd_bus *service_bus(void);

/* Is "migrate=off" on the kernel command line? Then migrate@.service does nothing on this boot. */
bool migrations_are_off(void);
/* Is "migrate=manual"? Then every Policy= counts as manual on this boot. */
bool migrations_are_manual(void);

/* Opens a path of the system that --root= names (or of this one) without leaving it. flags as for
 * open(2). A descriptor or a negative errno. */
int open_below_root(const char *path, int flags) _must_check_;
