/* SPDX-License-Identifier: MIT */
/* In what state is the service, and what happens next? Decided from facts, without looking at
 * anything: the journal, migratectl and the check before a switch of systems cannot disagree. */
#pragma once

#include "judge/facts.h"
#include "judge/route.h"

/* Facts that would change a verdict, and are missing, in the order in which they are asked for. */
typedef enum Asks {
    ASKS_FRESH_CHECK = 1 << 0,
    ASKS_DETECT = 1 << 1,
    ASKS_CONFIRM = 1 << 2,
    ASKS_WAYS = 1 << 3,
    ASKS_FINGERPRINT = 1 << 4,
    ASKS_SPACE = 1 << 5,
    ASKS_IN_USE = 1 << 6,
    ASKS_CHECKS = 1 << 7,
} Asks;

/* What facts_answer() finds out. */
#define ASKS_READ (ASKS_WAYS | ASKS_FINGERPRINT)

typedef struct Verdict {
    Outcome outcome;
    unsigned asks; /* Asks: as if none of these stood in the way */

    char *version;  /* that the state has; NULL: there is none, or nothing says it */
    bool assumed;   /* no stamp says so */
    bool accepted;  /* the software runs on that, as it is */
    Route route;    /* ROUTE_REFUSED where none is needed */
    bool has_plan;  /* route leads somewhere; its plan has no steps where a backup comes back */
    char **reasons; /* for which the plan needs approval; NULL: it needs none */
    char *extra;    /* route_extra(), of an approval */
    bool approved, declared_approval; /* by a record or by Approved= */
    bool failed;                      /* exactly this attempt has failed, and nobody said "retry" */

    /* What the sentence speaks of, borrowed from the facts; each may be NULL. */
    const StateDirectory *directory;
    const char *text;
    int error;
    Former former;
} Verdict;

/* Decides. What verdict borrows is the facts', which have to outlive it. 0 or -ENOMEM. */
int verdict_decide(const Facts *facts, Verdict *ret) _must_check_;
void verdict_free(Verdict *verdict);

/* Decides, reads what is missing, and decides anew, as far as that goes. The same. */
int verdict_reach(Facts *facts, Verdict *ret) _must_check_;

static inline Condition verdict_condition(const Verdict *verdict)
{
    return outcome_condition(verdict->outcome);
}
