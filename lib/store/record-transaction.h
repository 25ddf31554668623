/* SPDX-License-Identifier: MIT */
/* The record of a transaction. While the transaction is in flight, the record is STORE/transaction,
 * with all that recovery needs, because the declaration may change or vanish. Afterwards the record
 * is a line of the history, the manifest of the backup (STORE/backups/ID/manifest), or
 * STORE/failed. */
#pragma once

#include "basic/fingerprint.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "store/record.h"

/* The phase of a transaction: how far it is. */
typedef enum Phase {
    PHASE_NONE,       /* the transaction is over */
    PHASE_STAGING,    /* clones are made, and scripts run on them */
    PHASE_IN_PLACE,   /* the clones are complete and on disk, scripts run on the live state */
    PHASE_SWAPPING,   /* exchanges may have happened */
    PHASE_CONCLUDING, /* committed without an exchange */
    PHASE_RECORDING,  /* nothing is migrated, only stamps are written */
    PHASE_RESTORING,  /* a backup is being restored: recovery drops no clone */
} Phase;

/* The action of a transaction that is not a migration. */
typedef enum Action {
    ACTION_NONE,          /* the transaction is a migration */
    ACTION_INITIALIZED,   /* Init= made the state */
    ACTION_DETECTED,      /* Detect= or another source told the version */
    ACTION_ADOPTED,       /* "migratectl adopt" set the version */
    ACTION_FRESH,         /* the software made the state */
    ACTION_SPELLING,      /* the stamp got another spelling of the version */
    ACTION_SELF_MIGRATED, /* the software migrated the state, and is up */
    ACTION_RESTORED,      /* a backup was restored */
    ACTION_MOVED,         /* the state got another name or directory */
    ACTION_FORGOTTEN,     /* "migratectl forget" forgot the state */
    ACTION_OTHER,         /* an action that this program does not know */
} Action;

/* How a directory and its clone are exchanged. */
typedef enum PlaceMethod {
    PLACE_METHOD_NONE, /* an earlier version did not record the method */
    /* One RENAME_EXCHANGE exchanges the directory with its clone: see swap.c. */
    PLACE_EXCHANGE,
    /* The entries are exchanged one by one, while the directory stays: for mount points, excluded
     * parts, and file systems that cannot exchange directories or mark files: see
     * swap-entries.c. */
    PLACE_ENTRIES,
} PlaceMethod;

/* The place of the state's stamps. */
typedef enum StampPlace {
    STAMP_IN_DIRECTORIES, /* one stamp in each directory */
    STAMP_IN_STORE,       /* one stamp in the store, for all directories */
} StampPlace;

/* A directory of the state, as it was when the transaction began. */
typedef struct DirectoryRecord {
    RecordRest *rest;
    char *directory; /* as declared */
    char *path;      /* path without symbolic links */
    PlaceMethod method;
    char *base, *entry; /* the backup is BASE/backups/ID/ENTRY */
    char **exclude;     /* paths in the directory that are not exchanged */
    int64_t n_declared; /* the first n_declared of exclude are declared; -1: unknown */
} DirectoryRecord;

/* A step of the plan that runs a migration. */
typedef struct StepRecord {
    RecordRest *rest;
    char *migration, *from, *to;
    char *kept; /* directory of the wayback that it ran from, or NULL */
} StepRecord;

/* A host stamp: the state's stamp in the state of a host. */
typedef struct HostStampRecord {
    RecordRest *rest;
    char *host, *path;
} HostStampRecord;

typedef enum UndoState {
    UNDO_NONE,    /* the step has not begun */
    UNDO_BEGUN,   /* the script of the step may have run */
    UNDO_LASTING, /* the script may have run, and there is no Restore= */
    UNDO_DONE,    /* Restore= has succeeded */
} UndoState;

/* Undo hooks of a step: Backup= and Restore=. */
typedef struct UndoRecord {
    RecordRest *rest;
    int64_t step; /* number of the step, from 0 */
    char *from, *to;
    char **backup, **restore;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    UndoState state;
} UndoRecord;

/* The user and the writable paths of undo hooks. */
typedef struct ScriptsRecord {
    RecordRest *rest;
    char *user, *group;
    char **read_write_paths;
} ScriptsRecord;

/* A Post= hook that has not run yet. */
typedef struct PostHook {
    RecordRest *rest;
    char **argv;
    char *fingerprint; /* command_fingerprint() at the migration; NULL: in older records */
    bool approved;     /* the operator has approved the migration */
    char *from, *to;   /* versions of the step */
    char *software_from, *software_to;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    char *user, *group;    /* for a hook of a wayback; else NULL */
} PostHook;

typedef struct TransactionRecord {
    RecordRest *rest;
    char *id, *service;
    char *from; /* NULL: no state, or an unknown version */
    char *to;
    Action action;
    char *restored;                  /* the id of the restored backup */
    bool restored_unused;            /* the restored data had not been used before it became a
                                        backup */
    bool unasked;                    /* a restore without approval: the replaced state was
                                        provisional, and had been used */
    bool anew;                       /* an operator has restored older data under newer software, to
                                        migrate it again */
    bool lost;                       /* the state was lost, so a restore left no backup of it */
    char *former, *former_directory; /* for ACTION_MOVED */
    char *declaration;               /* file of the declaration */
    char *fingerprint;               /* attempt_fingerprint() */
    char *started, *finished;        /* time_format() */
    int64_t not_before;              /* see pruning_note_transaction(); -1: the clock is believed */
    int64_t duration;                /* in microseconds; -1: unknown, as for the numbers below */
    char *generation, *boot, *invocation;
    char *machine; /* system_machine() of the system that made it */
    Result result; /* RESULT_NONE: none, or unknown to this program */
    char *reason;
    int64_t retry; /* in STORE/failed: more than 0 after "migratectl retry" */
    Phase phase;
    DirectoryRecord *places; /* NULL: unknown; an empty list is not NULL */
    size_t n_places;
    StepRecord *steps;
    size_t n_steps;
    Protect protect; /* PROTECT_NONE: nothing was migrated */
    StampPlace stamp;
    HostStampRecord *within;
    size_t n_within;
    char *software_from, *software_to; /* Software= of the versions "from" and "to" */
    bool self;                    /* the software migrates the state itself: stamps say FROM::TO */
    bool external;                /* scripts may have acted outside of the clones */
    bool posts;                   /* there were Post= hooks */
    bool unused;                  /* nobody had used the old state, which is now the backup */
    char *live;                   /* fingerprint of the new state, see judge/live.h */
    int64_t bytes, copied, files; /* size and number of files of the clones */
    /* Set only while the transaction is in flight: */
    bool between;   /* stamps say FROM:TO */
    char *original; /* fingerprint of the state before scripts acted outside of the clone */
    char **readers; /* ReadableBy= of the version "to" */
    UndoRecord *undo;
    size_t n_undo;
    ScriptsRecord *scripts;
    PostHook *post;
    size_t n_post;
} TransactionRecord;

#define PROTECT_NONE ((Protect)-1)

/* An empty record, in which all numbers are missing. */
#define TRANSACTION_RECORD_NEW                                                                     \
    {                                                                                              \
        .not_before = -1, .duration = -1, .result = RESULT_NONE, .retry = -1,                      \
        .protect = PROTECT_NONE, .bytes = -1, .copied = -1, .files = -1                            \
    }

DECLARE_RECORD(TransactionRecord, transaction_record);

/* Removes lists from the record. */
void transaction_record_drop_places(TransactionRecord *record);
void transaction_record_drop_post(TransactionRecord *record);
void transaction_record_drop_undo(TransactionRecord *record); /* also removes scripts and
                                                                 original */

/* Reads the manifest of a backup. Returns as record_read(): 0, 1, -EBADMSG or another negative
 * errno. */
int manifest_read(const Store *store, const char *id, TransactionRecord *ret) _must_check_;
/* Reads the manifest that lies beside the trees of a backup, in BASE/backups/ID (dir_fd), which only
 * root can write to. Returns as manifest_read(); -EPERM: the file is not root's alone. */
int manifest_read_beside(int dir_fd, TransactionRecord *ret) _must_check_;
/* Writes the manifest of backup record->id into the store, durably. Returns 0 or a negative errno. */
int manifest_write(const Store *store, const TransactionRecord *record) _must_check_;

#define MANIFEST "manifest" /* in STORE/backups/ID and BASE/backups/ID */

/* Return the name in records: "staging", "adopted", … NULL for PHASE_NONE and ACTION_NONE. */
const char *phase_name(Phase phase);
const char *action_name(Action action);
/* Return the name of the action or result; if this program does not know it, the record's own text.
 * Borrowed; NULL: none. */
const char *transaction_record_action(const TransactionRecord *record);
const char *transaction_record_result(const TransactionRecord *record);

/* The record STORE/post: Post= hooks and other work after a migration. It exists from the commit
 * until the service has started on the migrated state and the work is done. */
typedef struct PostRecord {
    RecordRest *rest;
    char *id; /* id of the transaction */
    char *from, *to;
    PostHook *hooks;
    size_t n_hooks;
    bool begun; /* a hook may have run */
} PostRecord;

DECLARE_RECORD(PostHook, post_hook);
DECLARE_RECORD(PostRecord, post_record);

/* Fills in the present fingerprint of a hook, and whether the operator has approved the migration.
 * 0 or -ENOMEM. */
int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved) _must_check_;

typedef enum PostChange {
    POST_SAME,    /* unchanged, or unknown */
    POST_CHANGED, /* changed, never approved: may run, because upgrades bring new scripts */
    POST_REFUSED, /* changed after the approval: must not run */
} PostChange;

/* Says whether a hook has changed since the migration. *ret_now: the hook's fingerprint now. */
PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now);

/* Marks the hook as approved, with now as its fingerprint. 0 or -ENOMEM. */
int post_hook_approve(PostHook *hook, const Fingerprint *now) _must_check_;
