/* SPDX-License-Identifier: MIT */
/* What lies below backups/ of a service, in its store and on the mounts of its directories. Reads
 * only, and believes nothing: one bad manifest neither hides nor harms another backup.
 *
 * A backup is BASE/backups/ID/ENTRY for each directory of the state, and STORE/backups/ID/manifest,
 * which names them. One whose removal has begun is called BACKUP_REMOVING_PREFIX ID instead, first
 * in the store and then in every other base, before anything of it is removed; so whatever has that
 * name is nobody's any more, wherever a crash came. */
#pragma once

#include "store/record-transaction.h"

#define BACKUP_REMOVING_PREFIX ".removing-"

typedef enum BackupState {
    BACKUP_WHOLE,      /* every directory is there */
    BACKUP_INCOMPLETE, /* one is not, as where a disk is not mounted */
    BACKUP_HOOKS,      /* no clone was made: what Backup= hooks have kept, for Restore= alone */
    BACKUP_REMOVING,   /* its removal has begun */
    BACKUP_FAILED,     /* no backup: the clone of the attempt that failed last */
    BACKUP_DAMAGED,    /* its manifest cannot be read or believed */
    BACKUP_IN_FLIGHT,  /* of the transaction that is running or was cut off */
    BACKUP_UNKNOWN,    /* nothing tells what it is */
} BackupState;

typedef struct BackupPlace {
    char *directory, *base, *entry;
    bool there;
} BackupPlace;

/* Strings may be NULL and numbers -1 where nothing (to be believed) says so, as always with
 * BACKUP_DAMAGED and BACKUP_UNKNOWN. */
typedef struct Backup {
    char *id;
    BackupState state;
    char *version;  /* that the data in it has */
    char *to;       /* that the state was migrated to */
    char *finished; /* when it became a backup, UTC */
    uint64_t time;  /* the same in microseconds; 0: not known */
    char *generation, *boot, *action;
    int64_t bytes, files;
    BackupPlace *places;
    size_t n_places;
    char **bases; /* in which something of it was found */
    char *what;   /* of a state that is not well: a sentence */
} Backup;

typedef struct Backups {
    Backup *items; /* newest first; what has no time comes last */
    size_t n_items;
    bool in_flight;    /* there is a transaction: all of this is about to change */
    char *pending;     /* the backup of a migration that no unit has started on yet; or NULL */
    char **bases;      /* all that were looked into or are named by a manifest; the store first */
    char **unreadable; /* of these, sentences about those that are there but cannot be read */
} Backups;

/* Looks. root: where the store lies, as given to store_open(). bases: further ones to look into,
 * may be NULL. A store that was not opened has none. 0 or a negative errno: the list is not
 * complete. */
int backups_read(const char *root, const Store *store, char *const *bases,
                 Backups *ret) _must_check_;
void backups_free(Backups *backups);
/* By id; NULL: there is none. The list's. */
const Backup *backups_find(const Backups *backups, const char *id);

/* "whole", "incomplete", …: stable, for programs. */
const char *backup_state_name(BackupState state);

/* Is it the base that is the store itself? */
bool backup_base_is_store(const Store *store, const char *base);
/* Opens BASE/backups without following a link; both must be root's alone. A descriptor, -ENOENT
 * (not there, or not mounted), -EPERM (others own or can write it), or another negative errno. */
int backup_open_base(const char *root, const Store *store, const char *base) _must_check_;
