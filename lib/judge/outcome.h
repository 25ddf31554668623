/* SPDX-License-Identifier: MIT */
/* The outcomes of a verdict. words.c has a sentence and a command for each outcome; for programs,
 * outcomes are grouped into conditions. */
#pragma once

#include "basic/result.h"

#include <stdbool.h>

typedef enum Condition {
    CONDITION_CURRENT,    /* the state is at the declared version */
    CONDITION_ACCEPTED,   /* the state is at another version that the software runs on */
    CONDITION_SELF,       /* the software migrates the state itself, and has yet to start */
    CONDITION_PENDING,    /* the state is migrated at the next start */
    CONDITION_FRESH,      /* there is no state yet */
    CONDITION_UNSTAMPED,  /* there is no stamp; a script looks at the data at the next start */
    CONDITION_APPROVAL,   /* a migration is pending, and waits for approval */
    CONDITION_FAILED,     /* the last attempt failed, and is not repeated automatically */
    CONDITION_DEFERRED,   /* deferred, masked or switched off */
    CONDITION_INVALID,    /* the declaration has errors */
    CONDITION_NEWER,      /* the state is newer than the declared version */
    CONDITION_GAP,        /* no migration leads to the declared version */
    CONDITION_SKIP,       /* the migrations would skip a series */
    CONDITION_DISAGREE,   /* the directories of the state have different stamps */
    CONDITION_UNKNOWN,    /* there is data of an unknown version */
    CONDITION_MISSING,    /* the state, or a directory of it, is gone */
    CONDITION_REFUSED,    /* an obstacle that only the helper can find */
    CONDITION_UNREADABLE, /* reading needs root, or the disk has errors */
    CONDITION_IN_FLIGHT,  /* a migration is running, or was cut off */
    CONDITION_INERT,      /* declared, but not enabled */
} Condition;

typedef enum Outcome {
    /* There is nothing to do. */
    OUTCOME_CURRENT,
    OUTCOME_ACCEPTED,        /* the software runs on the state as it is */
    OUTCOME_ACCEPTED_STUCK,  /* accepted, and no migration leads on */
    OUTCOME_ACCEPTED_FAILED, /* accepted, and the migration that somebody asked for failed */
    OUTCOME_READABLE,        /* newer software lets the declared version use the state */
    OUTCOME_SELF,            /* the software migrates the state when it starts */
    OUTCOME_SELF_BEGUN,      /* the software has begun to, and is not up */
    OUTCOME_SELF_UP,         /* the software has started; its version is being recorded */
    OUTCOME_FRESH,           /* there is no state, the software makes one */
    OUTCOME_HOST_LATER,      /* the version is recorded after the host has a version */
    OUTCOME_INERT,           /* no Version= is declared */

    /* Done at the next start. */
    OUTCOME_PENDING,
    OUTCOME_ASSUMED,        /* pending, for a state without a stamp */
    OUTCOME_MANUAL,         /* pending, runs only on request: Policy=manual */
    OUTCOME_MANUAL_BOOT,    /* pending, runs only on request: migrate=manual */
    OUTCOME_INIT,           /* Init= makes the state */
    OUTCOME_RECORDED,       /* a state without a stamp is stamped with the declared version */
    OUTCOME_RECORDED_OLDER, /* a state without a stamp is stamped with another accepted version */
    OUTCOME_SPELLING,       /* the stamp gets the declared spelling of the version */
    OUTCOME_UNDONE,         /* nobody has used the newer data: the older data is swapped in again */
    OUTCOME_REDONE,         /* nobody has used the older data: the newer data is swapped in again */
    OUTCOME_RESTORED,       /* a backup is restored, with consent */
    OUTCOME_ASKS_FRESH,     /* FreshCheck= will find out whether there is data */
    OUTCOME_ASKS_VERSION,   /* Detect= will find out the version */
    OUTCOME_ASKS_AGAIN,     /* Detect= will find out whether newer software has changed the data */
    OUTCOME_TAKEN_NAME,     /* the state has a former name */
    OUTCOME_TAKEN_BACK,     /* a newer system has renamed the state */
    OUTCOME_TAKEN_FROM,     /* the state is in a former directory */
    OUTCOME_MOVING,         /* a move of the state was cut off */

    /* Running, or cut off. */
    OUTCOME_RUNNING,
    OUTCOME_CUT_OFF,   /* a transaction was cut off; the next start recovers it */
    OUTCOME_ATTENTION, /* the recovery of a transaction has failed */

    /* Waits for an operator. */
    OUTCOME_APPROVAL,
    OUTCOME_APPROVAL_RESTORE,
    OUTCOME_FAILED,
    OUTCOME_FAILED_INIT,
    OUTCOME_INTERRUPTED, /* cut off three times in a row */
    OUTCOME_DEFERRED,
    OUTCOME_MASKED,
    OUTCOME_OFF, /* migrate=off */

    /* Refused; anybody can find the reason. */
    OUTCOME_INVALID,
    OUTCOME_GAP,
    OUTCOME_SKIP,
    OUTCOME_NEWER,
    OUTCOME_SELF_OTHER, /* a self-migration to another version has not finished */
    OUTCOME_BETWEEN,    /* a stamp says FROM:TO */
    OUTCOME_MOVED_HOST, /* a host's data was replaced without the guest's part */
    OUTCOME_LEFT_HOST,  /* only the part in a host is left */
    OUTCOME_DISAGREE,
    OUTCOME_UNKNOWN,
    OUTCOME_UNKNOWN_NOW, /* the records know a version, but the stamp is gone */
    OUTCOME_UNLINKED,    /* the link to the directory of DynamicUser= is missing */
    OUTCOME_OTHER_STAMP, /* the data has the stamp of another declaration */
    OUTCOME_GUESTS,      /* there is no data, but stamps of guests */
    OUTCOME_MISSING,
    OUTCOME_MISSING_ONE,
    OUTCOME_HOST_UNREADY,
    OUTCOME_HOST_BUSY,
    OUTCOME_HOST_REFUSED,
    OUTCOME_DIRECTORY_REFUSED,
    OUTCOME_UNREADABLE,
    OUTCOME_STORE_FOREIGN, /* users other than root can write to the store */
    OUTCOME_STORE_UNREADABLE,
    OUTCOME_RECORD_UNREADABLE,
    OUTCOME_KEPT_UNREADABLE,
    OUTCOME_OWNER,         /* the state belongs to another user than the unit's */
    OUTCOME_COMMAND,       /* a command of the plan is missing, or another user could replace it */
    OUTCOME_FORMER_BESIDE, /* the state has a newer name, and this name has records, too */
    OUTCOME_FORMER_NOW,    /* the state's newer name is declared, too */
    OUTCOME_FORMER_LOST,   /* there are no records under the newer name */
    OUTCOME_FORMER_NAMES,  /* two former names have records */
    OUTCOME_FORMER_BOTH,   /* a former name and the declared name have records */
    OUTCOME_FORMER_DECLARED, /* the former name is still declared */
    OUTCOME_FORMER_PLACES,   /* the state is in two directories */
    OUTCOME_FORMER_REFUSED,  /* the state cannot be moved from a former directory */
    OUTCOME_FORMER_UNREADABLE,

    /* Refused; only the helper finds the reason. */
    OUTCOME_FRESH_UNKNOWN, /* FreshCheck= failed */
    OUTCOME_UNDETECTED,    /* Detect= failed */
    OUTCOME_CONTRADICTED,  /* Detect= contradicts the stamp */
    OUTCOME_OVERTAKEN,     /* newer software has changed the data, but not the stamp */
    OUTCOME_NO_ROOM,
    OUTCOME_IN_USE,
    OUTCOME_CHECK_FAILED,
    OUTCOME_STOPPED, /* a check was interrupted */
    OUTCOME_REFUSED, /* the last start was refused, as its record says */

    OUTCOMES
} Outcome;

/* The command that the operator should run next. */
typedef enum Next {
    NEXT_NOTHING,
    NEXT_START,   /* start the service, or "migratectl start" */
    NEXT_REST,    /* start the service, unless it is up */
    NEXT_MIGRATE, /* "migratectl start" */
    NEXT_RECOVER, /* start the migration unit, then the service */
    NEXT_ENABLE,
    NEXT_APPROVE,
    NEXT_RETRY,
    NEXT_RESUME,
    NEXT_UNMASK,
    NEXT_CORRECT, /* "migratectl start", which names the wrong lines until they are corrected */
    NEXT_PLAN,
    NEXT_BACKUPS,
    NEXT_RESTORE, /* restore the backup that this software takes, or list the backups */
    NEXT_GO_BACK, /* restore the backup from before a self-migration */
    NEXT_ADOPT,
    NEXT_LINK, /* make the link of DynamicUser= */
    NEXT_HOST, /* start the host's service or migration */
    NEXT_HOST_BACKUPS,
    NEXT_OWN,     /* give the state to the unit's user */
    NEXT_ROOT,    /* "migratectl status", as root */
    NEXT_REFUSAL, /* the command of the recorded refusal */
} Next;

/* Returns a name such as "current" or "in-flight". The names are stable, for programs. */
const char *condition_name(Condition condition);
/* Says whether the service cannot start until somebody does something. */
bool condition_waits_for_operator(Condition condition);

/* Returns a name such as "gap" or "no-room". The names are stable, for programs. */
const char *outcome_name(Outcome outcome);
/* Returns the outcome with that name; OUTCOME_REFUSED if there is none. */
Outcome outcome_find(const char *name);
Condition outcome_condition(Outcome outcome);
/* Returns the result with which a start of migrate@NAME.service ends. */
Result outcome_result(Outcome outcome);
/* Returns the message ID of the event in the journal. NULL: there is none. */
const char *outcome_message(Outcome outcome);
Next outcome_next(Outcome outcome);
/* Says whether the helper changes something at the next start, by itself or on request. */
bool outcome_is_pending(Outcome outcome);
/* Says whether only a run of the helper finds the outcome. */
bool outcome_is_found_by_run(Outcome outcome);
