/* SPDX-License-Identifier: MIT */
/* Decides in what state the service is, and what happens next. Looks at facts alone, so the
 * journal, migratectl and the check before a switch of systems agree. */
#pragma once

#include "judge/facts.h"
#include "judge/route.h"

/* Missing facts that could change a verdict, in the order in which they are asked for. */
typedef enum Asks {
    ASKS_FRESH_CHECK = 1 << 0,
    ASKS_DETECT = 1 << 1,
    ASKS_CONFIRM = 1 << 2,
    ASKS_WAYS = 1 << 3,
    ASKS_FINGERPRINT = 1 << 4,
    ASKS_SPACE = 1 << 5,
    ASKS_IN_USE = 1 << 6,
    ASKS_CHECKS = 1 << 7,
    ASKS_WRITTEN = 1 << 8,
} Asks;

/* The missing facts that facts_answer() can read. */
#define ASKS_READ (ASKS_WAYS | ASKS_FINGERPRINT | ASKS_WRITTEN)

typedef struct Verdict {
    Outcome outcome;
    unsigned asks; /* missing facts (Asks); the outcome assumes that no such fact is an obstacle */

    char *version;                    /* version of the state; NULL: none, or unknown */
    bool assumed;                     /* the version is not from a stamp */
    bool accepted;                    /* the software runs on that version */
    Route route;                      /* ROUTE_REFUSED if none is needed */
    bool has_plan;                    /* the route has been chosen and is not ROUTE_REFUSED */
    char **reasons;                   /* why the plan needs approval; NULL: it needs none */
    char *extra;                      /* route_extra() for the approval */
    bool approved, declared_approval; /* approved in any way; by Approved= */
    bool failed;                      /* this attempt has failed before, without a retry since */

    /* Details for the sentence, borrowed from the facts; each may be NULL. */
    const StateDirectory *directory;
    const char *text;
    int error;
    Former former;
} Verdict;

/* Decides. *ret borrows from the facts, which have to outlive it. 0 or -ENOMEM. */
int verdict_decide(const Facts *facts, Verdict *ret) _must_check_;
void verdict_free(Verdict *verdict);

/* Decides, reads missing facts (ASKS_READ), and decides again until none of these is missing. *ret
 * borrows from the facts. 0 or -ENOMEM. */
int verdict_reach(Facts *facts, Verdict *ret) _must_check_;

static inline Condition verdict_condition(const Verdict *verdict)
{
    return outcome_condition(verdict->outcome);
}
