/* SPDX-License-Identifier: MIT */
/* The record of a transaction. It is STORE/transaction while the transaction is in flight, with all
 * that recovery needs, since the declaration may change or go. Afterwards it is a line of the
 * history, the manifest of the backup (STORE/backups/ID/manifest), or STORE/failed. */
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
    PHASE_RESTORING,  /* a backup is being restored: recovery drops no clone */
} Phase;

/* What was done, other than a migration. */
typedef enum Action {
    ACTION_NONE,          /* a migration */
    ACTION_INITIALIZED,   /* Init= made the state */
    ACTION_DETECTED,      /* Detect= or its like found the version */
    ACTION_ADOPTED,       /* migratectl adopt */
    ACTION_FRESH,         /* the software made the state */
    ACTION_SPELLING,      /* the version is written in another way */
    ACTION_SELF_MIGRATED, /* the software migrated it, and is up */
    ACTION_RESTORED,      /* a backup was restored */
    ACTION_MOVED,         /* the state got another name or directory */
    ACTION_FORGOTTEN,     /* migratectl forget */
    ACTION_OTHER,         /* not known to this version */
} Action;

/* How a directory and its clone change places. */
typedef enum PlaceMethod {
    PLACE_METHOD_NONE, /* not written by an earlier version */
    /* One RENAME_EXCHANGE of the directory with its clone. swap.c. */
    PLACE_EXCHANGE,
    /* Entry by entry, while the directory stays: for mount points, excluded parts, and file systems
     * that cannot exchange directories or have no marks. swap-entries.c. */
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
    int64_t n_declared; /* the first ones, which were declared; -1: not known */
} DirectoryRecord;

/* A step of the plan that has a migration of its own. */
typedef struct StepRecord {
    RecordRest *rest;
    char *migration, *from, *to;
    char *kept; /* the directory of its wayback, if it ran from there */
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

/* The user of these, and what they may write. */
typedef struct ScriptsRecord {
    RecordRest *rest;
    char *user, *group;
    char **read_write_paths;
} ScriptsRecord;

typedef struct TransactionRecord {
    RecordRest *rest;
    char *id, *service;
    char *from; /* NULL: there was no state, or its version was not known */
    char *to;
    Action action;
    char *restored;                  /* the id of the restored backup */
    bool restored_unused;            /* nobody had written to it before it became a backup */
    bool lost;                       /* a lost state was restored: there is no backup of it */
    char *former, *former_directory; /* ACTION_MOVED */
    char *declaration;               /* its file */
    char *fingerprint;               /* attempt_fingerprint() */
    char *started, *finished;        /* time_format() */
    int64_t duration;                /* in microseconds; like the numbers below, -1: not known */
    char *generation, *boot, *invocation;
    Result result; /* RESULT_NONE: none, or not known to this version */
    char *reason;
    int64_t retry; /* STORE/failed: more than 0 after migratectl retry */
    Phase phase;
    DirectoryRecord *places; /* NULL: not known; there may be none */
    size_t n_places;
    StepRecord *steps;
    size_t n_steps;
    Protect protect; /* PROTECT_NONE: nothing was migrated */
    StampPlace stamp;
    HostStampRecord *within;
    size_t n_within;
    char *software_from, *software_to; /* Software= of FROM and of TO */
    bool self;                    /* the software migrates the state itself: stamps say FROM::TO */
    bool external;                /* scripts acted outside of the clones */
    bool posts;                   /* it has left Post= hooks */
    bool unused;                  /* nobody had written to what is the backup now */
    char *live;                   /* fingerprint of the new state, judge/live.h */
    int64_t bytes, copied, files; /* of the clones */
    /* Only in flight: */
    bool between;   /* stamps say FROM:TO */
    char *original; /* as live, of the state before scripts that reach outside of the clone */
    char **readers; /* ReadableBy= of TO */
    UndoRecord *undo;
    size_t n_undo;
    ScriptsRecord *scripts;
    PostHook *post;
    size_t n_post;
} TransactionRecord;

#define PROTECT_NONE ((Protect)-1)

/* A record to fill in, in which all numbers are missing. */
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
/* The same, or an unknown word of the record; borrowed. NULL: none. */
const char *transaction_record_action(const TransactionRecord *record);
const char *transaction_record_result(const TransactionRecord *record);
