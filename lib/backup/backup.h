/* SPDX-License-Identifier: MIT */
/* The backups of a service, in its store and on the mounts of its directories. Only reads. One bad
 * manifest hides no other backup.
 *
 * A backup is BASE/backups/ID/ENTRY for each directory, and STORE/backups/ID/manifest, which names
 * them. Removing one begins by renaming it to BACKUP_REMOVING_PREFIX ID, first in the store and
 * then in other bases, so that after a crash anything with such a name can go. */
#pragma once

#include "store/record-transaction.h"

#define BACKUP_REMOVING_PREFIX ".removing-"

typedef enum BackupState {
    BACKUP_WHOLE,      /* with all directories */
    BACKUP_INCOMPLETE, /* a directory is missing, as on an unmounted disk */
    BACKUP_HOOKS,      /* what Backup= hooks have saved, without a clone */
    BACKUP_REMOVING,   /* its removal has begun */
    BACKUP_FAILED,     /* the clone of the last failed attempt, which is no backup */
    BACKUP_DAMAGED,    /* the manifest cannot be read or is invalid */
    BACKUP_IN_FLIGHT,  /* of a transaction that is running or was cut off */
    BACKUP_UNKNOWN,    /* nothing says what it is */
} BackupState;

typedef struct BackupPlace {
    char *directory, *base, *entry;
    bool there;
} BackupPlace;

/* Strings are NULL and numbers -1 if nothing says them, as with BACKUP_DAMAGED and BACKUP_UNKNOWN.
 */
typedef struct Backup {
    char *id;
    BackupState state;
    char *version;  /* of the data in it */
    char *to;       /* of the migration */
    char *finished; /* when it became a backup, UTC */
    uint64_t time;  /* the same in microseconds; 0: not known */
    char *generation, *boot, *action;
    int64_t bytes, files;
    BackupPlace *places;
    size_t n_places;
    char **bases; /* that have any part of it */
    char *what;   /* why it is not whole: a sentence */
} Backup;

typedef struct Backups {
    Backup *items; /* newest first; those without a time come last */
    size_t n_items;
    bool in_flight;    /* a transaction is about to change the list */
    char *pending;     /* the backup on whose successor no unit has started yet; or NULL */
    char **bases;      /* all that were searched or that a manifest names; the store first */
    char **unreadable; /* sentences about bases that cannot be read */
} Backups;

/* Lists the backups. root: as for store_open(). bases (NULL allowed): further bases to search. A
 * store that is not open has none. 0, or a negative errno if the list is not complete. */
int backups_read(const char *root, const Store *store, char *const *bases,
                 Backups *ret) _must_check_;
void backups_free(Backups *backups);
/* By id; borrowed, or NULL. */
const Backup *backups_find(const Backups *backups, const char *id);

/* "whole", "incomplete", …: stable, for programs. */
const char *backup_state_name(BackupState state);

bool backup_base_is_store(const Store *store, const char *base);
/* Opens BASE/backups, following no link. A descriptor, -ENOENT (missing or not mounted), -EPERM
 * (others than root own or can write it), or another negative errno. */
int backup_open_base(const char *root, const Store *store, const char *base) _must_check_;
