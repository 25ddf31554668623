/* SPDX-License-Identifier: MIT */
/* What a verdict can be: an outcome, of which words.c has one sentence and one command each, and
 * the condition that several of them are, for programs. */
#pragma once

#include "basic/result.h"

#include <stdbool.h>

typedef enum Condition {
    CONDITION_CURRENT,    /* at the declared version */
    CONDITION_ACCEPTED,   /* at another one that the software runs on: Accepts=, ReadableBy= */
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
    CONDITION_UNREADABLE, /* it takes root, or a sound disk, to say */
    CONDITION_REFUSED,    /* something that only the helper sees stands in the way */
    CONDITION_IN_FLIGHT,  /* a migration is running, or was cut off */
    CONDITION_INERT,      /* declared, but not enabled */
} Condition;

typedef enum Outcome {
    /* There is nothing to do. */
    OUTCOME_CURRENT,
    OUTCOME_ACCEPTED,        /* the software runs on it as it is */
    OUTCOME_ACCEPTED_STUCK,  /* the same, and no migration leads on */
    OUTCOME_ACCEPTED_FAILED, /* the same, and the migration that somebody asked for failed */
    OUTCOME_READABLE,        /* newer software says that this one runs on it */
    OUTCOME_SELF,            /* the software migrates it itself when it starts */
    OUTCOME_SELF_UP,         /* it has started, and that is being recorded */
    OUTCOME_FRESH,           /* there is no state, the software makes it */
    OUTCOME_HOST_LATER,      /* recorded once what a part lives in has a version */
    OUTCOME_INERT,           /* no Version= */

    /* Done at the next start. */
    OUTCOME_PENDING,
    OUTCOME_ASSUMED,        /* the same, of a state without a stamp */
    OUTCOME_MANUAL,         /* pending, and done only when somebody asks: Policy=manual */
    OUTCOME_MANUAL_BOOT,    /* the same: migrate=manual */
    OUTCOME_INIT,           /* Init= makes the state */
    OUTCOME_RECORDED,       /* the version is known, and gets its stamp */
    OUTCOME_RECORDED_OLDER, /* the same, of another that the software runs on */
    OUTCOME_SPELLING,       /* the stamp is renamed */
    OUTCOME_UNDONE,         /* nobody has used it, so what was before is swapped in again */
    OUTCOME_REDONE,         /* nobody has used the older data, so the newer is */
    OUTCOME_RESTORED,       /* a backup comes back, and somebody has agreed */
    OUTCOME_ASKS_FRESH,     /* FreshCheck= finds out whether there is data */
    OUTCOME_ASKS_VERSION,   /* Detect= finds out the version */
    OUTCOME_TAKEN_NAME,     /* it has a former name */
    OUTCOME_TAKEN_BACK,     /* a newer system has given it another name */
    OUTCOME_TAKEN_FROM,     /* it is in a former directory */
    OUTCOME_MOVING,         /* that was cut off */

    /* Under way. */
    OUTCOME_RUNNING,
    OUTCOME_CUT_OFF,   /* settled at the next start */
    OUTCOME_ATTENTION, /* settling it has failed */

    /* Waits for somebody. */
    OUTCOME_APPROVAL,
    OUTCOME_APPROVAL_RESTORE,
    OUTCOME_FAILED,
    OUTCOME_FAILED_INIT,
    OUTCOME_INTERRUPTED, /* three times in a row */
    OUTCOME_DEFERRED,
    OUTCOME_MASKED,
    OUTCOME_OFF, /* migrate=off */

    /* Refused, as anybody can see. */
    OUTCOME_INVALID,
    OUTCOME_GAP,
    OUTCOME_SKIP,
    OUTCOME_NEWER,
    OUTCOME_SELF_OTHER, /* other software was to migrate it itself, and has not */
    OUTCOME_BETWEEN,    /* a stamp FROM:TO */
    OUTCOME_MOVED_HOST, /* what a part lives in was exchanged without it */
    OUTCOME_LEFT_HOST,  /* nothing is left but the part that lives with another service */
    OUTCOME_DISAGREE,
    OUTCOME_UNKNOWN,
    OUTCOME_UNKNOWN_NOW, /* it had a stamp once */
    OUTCOME_GUESTS,      /* no data, but stamps of others */
    OUTCOME_MISSING,
    OUTCOME_MISSING_ONE,
    OUTCOME_HOST_UNREADY,
    OUTCOME_HOST_BUSY,
    OUTCOME_HOST_REFUSED,
    OUTCOME_DIRECTORY_REFUSED,
    OUTCOME_UNREADABLE,
    OUTCOME_STORE_FOREIGN, /* its records are not root's alone */
    OUTCOME_STORE_UNREADABLE,
    OUTCOME_RECORD_UNREADABLE,
    OUTCOME_KEPT_UNREADABLE,
    OUTCOME_EXCHANGEABLE,    /* others could exchange a command of the plan */
    OUTCOME_FORMER_BESIDE,   /* it has moved on, and there are other records beside that */
    OUTCOME_FORMER_NOW,      /* its new name is declared, too */
    OUTCOME_FORMER_LOST,     /* there is nothing under its new name */
    OUTCOME_FORMER_NAMES,    /* records of two former names */
    OUTCOME_FORMER_BOTH,     /* records of a former name, and of its own */
    OUTCOME_FORMER_DECLARED, /* the former name is still declared */
    OUTCOME_FORMER_PLACES,   /* it is in two directories */
    OUTCOME_FORMER_REFUSED,  /* a former directory cannot be taken care of */
    OUTCOME_FORMER_UNREADABLE,

    /* Refused, as only the helper finds out. */
    OUTCOME_FRESH_UNKNOWN, /* FreshCheck= failed */
    OUTCOME_UNDETECTED,    /* Detect= failed */
    OUTCOME_CONTRADICTED,  /* Detect= contradicts the stamp */
    OUTCOME_NO_ROOM,
    OUTCOME_IN_USE,
    OUTCOME_CHECK_FAILED,
    OUTCOME_STOPPED, /* interrupted */
    OUTCOME_REFUSED, /* the last start was, as it was written down then */

    OUTCOMES
} Outcome;

/* What is to be run next. */
typedef enum Next {
    NEXT_NOTHING,
    NEXT_START,   /* the service, or what stops, migrates and starts it */
    NEXT_REST,    /* the service, unless it is up */
    NEXT_MIGRATE, /* migratectl start */
    NEXT_RECOVER, /* the migration unit, then the service */
    NEXT_ENABLE,
    NEXT_APPROVE,
    NEXT_RETRY,
    NEXT_RESUME,
    NEXT_UNMASK,
    NEXT_CHECK,  /* then a reload, once the declaration is corrected */
    NEXT_RELOAD, /* once the declaration is corrected */
    NEXT_PLAN,
    NEXT_BACKUPS,
    NEXT_RESTORE, /* one of those */
    NEXT_GO_BACK, /* restore what software has not come to the end of */
    NEXT_ADOPT,
    NEXT_HOST, /* what a part lives in comes first */
    NEXT_HOST_BACKUPS,
    NEXT_ROOT,    /* the same, as root */
    NEXT_REFUSAL, /* what was said when it was refused */
} Next;

/* "current", …, "in-flight", "inert": stable, for programs. */
const char *condition_name(Condition condition);
/* Is the service held down until somebody does something? */
bool condition_waits_for_operator(Condition condition);

/* "gap", "no-room", …: stable, for programs. */
const char *outcome_name(Outcome outcome);
/* The outcome of that name; OUTCOME_REFUSED if there is none. */
Outcome outcome_find(const char *name);
Condition outcome_condition(Outcome outcome);
/* What a start of migrate@NAME.service ends with. */
Result outcome_result(Outcome outcome);
/* Of the event in the journal; NULL: there is none. */
const char *outcome_message(Outcome outcome);
Next outcome_next(Outcome outcome);
/* Is something done at the next start, by itself or on request? */
bool outcome_is_pending(Outcome outcome);
/* Does nobody but a run of the helper find it out? */
bool outcome_is_found_by_run(Outcome outcome);
