/* SPDX-License-Identifier: MIT */
/* Waybacks: the [Down] sections of migrations, kept in the store for a system that does not know
 * the newer migration.
 *
 * STORE/applied/ID (the id of the transaction) holds the record "steps", and copies of the files
 * that the commands of the steps name. Paths in the Nix store get a garbage collector root instead.
 * A wayback is valid if the history has the transaction as done. */
#pragma once

#include "backup/pruning.h"
#include "declare/plan.h"
#include "store/history.h"
#include "store/record.h"

/* A file that a command names. */
typedef struct WaybackFile {
    RecordRest *rest;
    char *word;    /* path, as the command names it */
    char *copy;    /* file name of the copy, beside the record; NULL: none */
    char *content; /* size and hash of the copy; NULL: written by an earlier version */
    char *store;   /* path in the Nix store; NULL: the file is elsewhere */
    bool data;     /* data: the way back uses the original path */
} WaybackFile;

/* A [Down] section. A member is NULL if it was not declared. */
typedef struct WaybackHooks {
    RecordRest *rest;
    char **script, **check, **backup, **restore, **verify, **post;
    char **warnings;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    bool external;
} WaybackHooks;

typedef struct WaybackStep {
    RecordRest *rest;
    WaybackHooks *down;
    char *migration, *description, *file;
    char *from, *to;
} WaybackStep;

typedef struct WaybackRecord {
    RecordRest *rest;
    char *id, *service, *from, *to;
    char *since;        /* start of the transaction, time_format() */
    char *user, *group; /* User= and Group=; NULL: not declared */
    char **read_write_paths;
    WaybackStep *steps;
    size_t n_steps;
    WaybackFile *files;
    size_t n_files;
} WaybackRecord;

DECLARE_RECORD(WaybackRecord, wayback_record);

/* Returns the file that a word of a command names. NULL: there is none. */
WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word);

#define APPLIED_DIRECTORY "applied"
#define APPLIED_RECORD    "steps"
/* The prefix of a wayback whose removal has begun, as with backups. */
#define APPLIED_REMOVING_PREFIX ".removing-"

/* The largest file that is copied. A larger one is kept if its content can be shared. */
#define APPLIED_FILE_MAX (UINT64_C(64) << 20)

/* Writes STORE/applied/ID, durably, for the steps of an upgrade that have a [Down] section, if there
 * are any. *ret_notes: sentences about files that cannot be kept, owned by the caller. 0, or a
 * negative errno with *reterr_what, a path or NULL; the caller then removes what was written. */
int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what) _must_check_;

/* Appends sentences about files of this system that the way back from the plan will need, because
 * they are not kept. 0 or -ENOMEM. */
int applied_foresee(const Declaration *declaration, const Plan *plan, char ***notes) _must_check_;

/* Fills in the waybacks of the steps of a lineage. Commands name the original files, or the copies
 * if the originals have changed. root: as for store_open(). 0 or -ENOMEM. */
int applied_load(const char *root, const Store *store, const Declaration *declaration,
                 Lineage *lineage) _must_check_;

/* Adds to a declaration the ReadWritePaths= of a wayback that has a step of the plan, and its User=
 * and Group= if the declaration has no User=. 0, -EBADMSG, or another negative errno. */
int applied_complete(const Store *store, const Plan *plan, Declaration *declaration) _must_check_;

/* Reads the record of a wayback. 0, 1 if there is none, -EBADMSG if it is damaged, or another
 * negative errno. */
int applied_read(const Store *store, const char *id, WaybackRecord *ret) _must_check_;
/* Appends the record's paths in the Nix store. 0 or -ENOMEM. */
int applied_find_roots(const WaybackRecord *record, char ***paths) _must_check_;

/* Is path in a wayback? *ret_id points to the wayback's id in path, which is *ret_length long. */
bool applied_path_is_within(const Store *store, const char *path, const char **ret_id,
                            size_t *ret_length);

/* Follows the history back from version: which migration led to it, from which version, and so on.
 * Ends at an adopted, detected or fresh version. At a restored backup, continues with the lineage
 * of the backup. id NULL: starts from the state at version; else from the backup at version that
 * the transaction id has left. The caller frees *ret. 0 or -ENOMEM. */
int lineage_find(const History *history, const char *id, const char *version,
                 Lineage *ret) _must_check_;
/* Did a later transaction lead to the version of item i again? Then item i is not the way back from
 * this version. */
bool lineage_is_superseded(const Lineage *lineage, size_t i);

/* The wayback of one transaction. */
typedef struct Applied {
    char *id;
    char *to;        /* version to which the transaction led; NULL: the record is damaged */
    uint64_t time;   /* in microseconds; 0: unknown */
    bool recorded;   /* the transaction is in the history, or has a backup */
    bool on_the_way; /* the transaction led to the state, or to a kept backup */
    bool is_awaited; /* a Post= hook that has not run yet is in the wayback */
} Applied;

typedef enum AppliedFate {
    APPLIED_REMOVE,
    APPLIED_FINISH,  /* the removal has begun */
    APPLIED_NEWEST,  /* kept: one of the newest */
    APPLIED_YOUNG,   /* kept: not old enough */
    APPLIED_VERSION, /* kept: a generation declares an older version */
    APPLIED_AWAITED, /* kept: a Post= hook has not run yet */
    APPLIED_UNSURE,  /* kept: the declared versions are not known */
    APPLIED_DAMAGED, /* left: the record is damaged */
} AppliedFate;

/* Judges waybacks like backups, with one difference: a wayback is needed while an installed
 * generation declares a version older than its "to". items: newest first. ret: n elements. */
void applied_judge(const Applied *items, size_t n, const BackupRule *rule, AppliedFate *ret);

/* Sets on_the_way for items by which a state at version can go back. Leaves out items that a later
 * transaction has superseded, and items that led to a newer version, because the state has already
 * gone back from there. */
void applied_mark_lineage(Applied *items, size_t n, const char *version, const Lineage *lineage);
