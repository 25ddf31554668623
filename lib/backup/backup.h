/* SPDX-License-Identifier: MIT */
/* Lists the backups of a service, in its store and on the mounts of its directories.
 *
 * A backup is BASE/backups/ID/ENTRY for each directory, and STORE/backups/ID/manifest, which names
 * the directories. BASE/backups/ID has the same manifest, for a store that is lost or older. A
 * removal first renames ID to .removing-ID, in the store and then in other bases, so that after a
 * crash anything with such a name can be removed. An operator who forgets a backup makes that
 * .removing-ID.forgotten, which says nothing about ID in other bases. */
#pragma once

#include "store/record-transaction.h"

#define BACKUP_REMOVING_PREFIX  ".removing-"
#define BACKUP_FORGOTTEN_SUFFIX ".forgotten"

typedef enum BackupState {
    BACKUP_WHOLE,      /* all directories of the backup exist */
    BACKUP_FOREIGN,    /* the same, but another system made it, which may use the same disk */
    BACKUP_INCOMPLETE, /* a directory is missing: perhaps a disk is not mounted */
    BACKUP_HOOKS,      /* data that Backup= hooks have saved, without a clone */
    BACKUP_REMOVING,   /* the removal has begun */
    BACKUP_FAILED,     /* the clone of the last failed attempt; no backup */
    BACKUP_DAMAGED,    /* the manifest cannot be read or is invalid */
    BACKUP_IN_FLIGHT,  /* the transaction is running or was cut off */
    BACKUP_UNKNOWN,    /* no manifest or record describes it */
} BackupState;

typedef struct BackupPlace {
    const char *directory, *base, *entry; /* borrowed from the manifest */
    bool there;
} BackupPlace;

/* A backup. Strings are NULL and numbers -1 if they are unknown, as with BACKUP_DAMAGED and
 * BACKUP_UNKNOWN. */
typedef struct Backup {
    char *id;
    BackupState state;
    TransactionRecord manifest; /* or the record of a failed attempt; owns the strings below */
    const char *version;        /* version of the data */
    const char *to;             /* version to which the migration led */
    const char *finished;       /* when it became a backup, UTC */
    uint64_t time;              /* finished, in microseconds; 0: unknown */
    uint64_t when;              /* the same; 0: also if that is in the future: the clock was ahead */
    const char *generation, *boot, *action;
    int64_t bytes, files;
    BackupPlace *places;
    size_t n_places;
    char **bases; /* bases that have a part of the backup */
    char *what;   /* why the backup is not whole, or that it was found; a sentence */
    bool bare;    /* a directory without a manifest, which no record names */
    bool foreign; /* another system made it, as for BACKUP_FOREIGN; a part may be missing */
    bool found;   /* its manifest lies beside its trees, and not in the store */
} Backup;

typedef struct Backups {
    Backup *items; /* newest first; backups with a time in the future, or without one, come last */
    size_t n_items;
    bool in_flight;    /* a transaction is about to change the list */
    char *pending;     /* id of the backup before a migration whose service has not started yet; or
                          NULL */
    char **bases;      /* all bases that were searched or that a manifest names; the store first */
    char **unreadable; /* sentences about bases that cannot be read */
} Backups;

/* Lists the backups. root: as for store_open(). bases (NULL allowed): further bases to search. The
 * store may be missing. A bad manifest hides no other backup. 0, or a negative
 * errno if the list is not complete. */
int backups_read(const char *root, const Store *store, char *const *bases,
                 Backups *ret) _must_check_;
void backups_free(Backups *backups);
/* The same, in the bases of the declared directories, too (declaration: may be NULL). */
int backups_look(const char *root, const Declaration *declaration, const Store *store,
                 Backups *ret) _must_check_;
/* Write the manifest of a backup where it is missing: backup_adopt() in the store, if the backup was
 * found; backup_describe() beside the trees, in each base that is there. The caller holds the lock of
 * the store. Return 0 or a negative errno. */
int backup_adopt(const Store *store, const Backup *backup) _must_check_;
int backup_describe(const Store *store, const Backup *backup) _must_check_;
/* Can an operator bring the backup back? Only a whole one is ever chosen by itself. */
static inline bool backup_is_restorable(const Backup *backup)
{
    return backup->state == BACKUP_WHOLE || backup->state == BACKUP_FOREIGN;
}
/* Can an operator have the backup removed against the rule? */
static inline bool backup_is_forgettable(const Backup *backup)
{
    return backup->state == BACKUP_INCOMPLETE || backup->state == BACKUP_REMOVING ||
           backup->state == BACKUP_FOREIGN;
}
/* Finds a backup by its id. Borrowed; NULL: there is none. */
const Backup *backups_find(const Backups *backups, const char *id);

/* Returns "whole", "incomplete", … The names are stable, for programs. */
const char *backup_state_name(BackupState state);

bool backup_base_is_store(const Store *store, const char *base);
/* Opens BASE/backups, following no link. Returns as open_own(); -ENOENT: missing, or not mounted. */
int backup_open_base(const char *root, const Store *store, const char *base) _must_check_;
