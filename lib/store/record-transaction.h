/* SPDX-License-Identifier: MIT */
/* The record of one transaction. It is STORE/transaction from before the first change until after
 * the last, and has all that recovery needs, since the declaration may have changed by then, or be
 * gone. What is left of it afterwards is a line of the history, the manifest of the backup
 * (STORE/backups/ID/manifest), or STORE/failed. */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"
#include "store/record-post.h"
#include "store/record.h"

/* How far a transaction is. */
typedef enum Phase {
    PHASE_NONE,       /* it is over */
    PHASE_STAGING,    /* clones are made, and scripts run on them */
    PHASE_IN_PLACE,   /* the clones are complete and on disk, scripts run on the live state */
    PHASE_SWAPPING,   /* exchanges may have happened */
    PHASE_CONCLUDING, /* committed without an exchange */
    PHASE_RECORDING,  /* nothing is migrated, only stamps are written */
    PHASE_RESTORING,  /* a backup is being brought back: nothing of it is ever dropped */
} Phase;

/* What was done, where it was no migration. */
typedef enum Action {
    ACTION_NONE,          /* a migration */
    ACTION_INITIALIZED,   /* Init= made the state */
    ACTION_DETECTED,      /* Detect= and its like found out the version */
    ACTION_ADOPTED,       /* somebody said which version it is */
    ACTION_FRESH,         /* the software made the state */
    ACTION_SPELLING,      /* the version is written in another way */
    ACTION_SELF_MIGRATED, /* the software migrated it, and is up */
    ACTION_RESTORED,      /* a backup was brought back */
    ACTION_MOVED,         /* the state got another name or directory */
    ACTION_FORGOTTEN,     /* nothing is remembered from there on: migratectl forget */
    ACTION_OTHER,         /* this version does not know it */
} Action;

/* How a directory and its clone change places. */
typedef enum PlaceMethod {
    PLACE_METHOD_NONE, /* an earlier version has not written it down */
    /* One RENAME_EXCHANGE of the directory with its clone. swap.c. */
    PLACE_EXCHANGE,
    /* Entry by entry: what is a mount point, of which something is excluded, or what lies on a file
     * system that cannot exchange directories, or not tell them apart. The directory itself stays.
     * swap-entries.c. */
    PLACE_ENTRIES,
} PlaceMethod;

/* Where the stamp is. */
typedef enum StampPlace {
    STAMP_IN_DIRECTORIES, /* one in each */
    STAMP_IN_STORE,       /* one for all of them, in the store */
} StampPlace;

/* A directory of the state, as it was when the transaction began. */
typedef struct DirectoryRecord {
    RecordRest *rest;
    char *directory; /* as declared */
    char *path;      /* the same without symbolic links */
    PlaceMethod method;
    char *base, *entry; /* its backup is BASE/backups/ID/ENTRY */
    char **exclude;     /* paths in it that stay where they are */
    int64_t n_declared; /* of these, the first come from the declaration; -1: not told */
} DirectoryRecord;

/* A step of the plan that has a migration of its own. */
typedef struct StepRecord {
    RecordRest *rest;
    char *migration, *from, *to;
    char *kept; /* where its [Down] was kept, if it ran from there */
} StepRecord;

/* A stamp in the state of another service. */
typedef struct HostStampRecord {
    RecordRest *rest;
    char *host, *path;
} HostStampRecord;

typedef enum UndoState {
    UNDO_NONE,    /* the step has not begun */
    UNDO_BEGUN,   /* its script may have run */
    UNDO_LASTING, /* the same, and there is no Restore= */
    UNDO_DONE,    /* Restore= has succeeded */
} UndoState;

/* Backup= and Restore= of a step. */
typedef struct UndoRecord {
    RecordRest *rest;
    int64_t step; /* its number in the plan, from 0 */
    char *from, *to;
    char **backup, **restore;
    uint64_t timeout_usec; /* UINT64_MAX: none */
    UndoState state;
} UndoRecord;

/* Whom these run as, and what they may write. */
typedef struct ScriptsRecord {
    RecordRest *rest;
    char *user, *group;
    char **read_write_paths;
} ScriptsRecord;

typedef struct TransactionRecord {
    RecordRest *rest;
    char *id, *service;
    char *from; /* NULL: there was no state, or nothing said its version */
    char *to;
    Action action;
    char *restored;       /* the id of the backup that was brought back */
    bool restored_unused; /* nobody had written to that before it became a backup */
    bool lost;            /* nothing was left of the state: there is no backup of what was */
    char *former, *former_directory; /* ACTION_MOVED */
    char *declaration;               /* its file */
    char *fingerprint;               /* attempt_fingerprint() */
    char *started, *finished;        /* time_format() */
    int64_t duration;                /* in microseconds; as the numbers below -1: not told */
    char *generation, *boot, *invocation;
    Result result; /* RESULT_NONE: none yet, or this version does not know it */
    char *reason;
    int64_t retry; /* STORE/failed: more than 0: somebody said "retry" */
    Phase phase;
    DirectoryRecord *places; /* NULL: not told; with n_places 0 there are none */
    size_t n_places;
    StepRecord *steps;
    size_t n_steps;
    Protect protect; /* PROTECT_NONE: nothing was migrated */
    StampPlace stamp;
    HostStampRecord *within;
    size_t n_within;
    char *software_from, *software_to; /* Software= of FROM and of TO */
    bool self;                    /* the software goes on from there itself: stamps say FROM::TO */
    bool external;                /* scripts acted outside of the state */
    bool posts;                   /* it has left Post= hooks */
    bool unused;                  /* nobody had written to what has become a backup */
    char *live;                   /* fingerprint of what it made live, judge/live.h */
    int64_t bytes, copied, files; /* of the clones */
    /* Only in flight. */
    bool between;   /* stamps say FROM:TO */
    char **readers; /* ReadableBy= of TO */
    UndoRecord *undo;
    size_t n_undo;
    ScriptsRecord *scripts;
    PostHook *post;
    size_t n_post;
} TransactionRecord;

#define PROTECT_NONE ((Protect)-1)

/* One to fill in: numbers that nobody gives are not written. */
#define TRANSACTION_RECORD_NEW                                                                     \
    {                                                                                              \
        .duration = -1, .result = RESULT_NONE, .retry = -1, .protect = PROTECT_NONE, .bytes = -1,  \
        .copied = -1, .files = -1                                                                  \
    }

DECLARE_RECORD(TransactionRecord, transaction_record);

/* Empties lists of the record. */
void transaction_record_drop_places(TransactionRecord *record);
void transaction_record_drop_post(TransactionRecord *record);
void transaction_record_drop_undo(TransactionRecord *record); /* with the scripts */

/* The manifest of a backup. 0, 1, -EBADMSG or another negative errno, as record_read(). */
int manifest_read(const Store *store, const char *id, TransactionRecord *ret) _must_check_;

/* "staging", "adopted", …, as on disk; NULL for PHASE_NONE and ACTION_NONE. */
const char *phase_name(Phase phase);
const char *action_name(Action action);
/* The same of a record, where this version does not know the word, too; borrowed. NULL: not told.
 */
const char *transaction_record_action(const TransactionRecord *record);
const char *transaction_record_result(const TransactionRecord *record);
