/* SPDX-License-Identifier: MIT */
/* Applies the rule for removing backups (migrate.d(5)) to the backups of a service. Changes
 * nothing. */
#pragma once

#include "backup/backup.h"
#include "backup/clock-gaps.h"
#include "backup/generation.h"

typedef struct BackupRule {
    uint64_t keep;          /* Keep= */
    uint64_t keep_for_usec; /* KeepFor= */
    char *const *versions;  /* declared versions of all installed generations */
    bool unsure;            /* versions are unknown: nothing is removed */
    uint64_t now;           /* in microseconds */
    const ClockGaps *gaps;  /* NULL: all time counts */
} BackupRule;

/* Makes the rule of a service. declaration NULL: the defaults. Borrows the other arguments. */
BackupRule backup_rule(const Declaration *declaration, char *const *versions, bool unsure,
                       const ClockGaps *gaps);

/* Is a backup that was made at this time older than KeepFor=? */
bool backup_rule_is_old(const BackupRule *rule, uint64_t time);

typedef enum BackupFate {
    FATE_REMOVE,     /* removed: the backup is not needed */
    FATE_FINISH,     /* removed: the removal has begun */
    FATE_NEWEST,     /* kept: one of the newest */
    FATE_YOUNG,      /* kept: not old enough */
    FATE_VERSION,    /* kept: the newest of a declared version */
    FATE_PENDING,    /* kept: the service has not started on the migrated state */
    FATE_UNSURE,     /* kept: the declared versions are not known */
    FATE_IN_FLIGHT,  /* kept: a migration is running or was cut off */
    FATE_INCOMPLETE, /* left: a directory is missing */
    FATE_DAMAGED,    /* left: the manifest cannot be read or is invalid */
    FATE_FOREIGN,    /* left: another system made it */
    FATE_UNKNOWN,    /* left: no manifest or record describes it */
} BackupFate;

/* Decides on each backup of the list. ret: n_items elements, in the order of the list. */
void backups_judge(const Backups *backups, const BackupRule *rule, BackupFate *ret);

static inline bool backup_fate_removes(BackupFate fate)
{
    return fate == FATE_REMOVE || fate == FATE_FINISH;
}
/* Does the rule say nothing about the backup? */
static inline bool backup_fate_leaves(BackupFate fate)
{
    return fate == FATE_INCOMPLETE || fate == FATE_DAMAGED || fate == FATE_FOREIGN ||
           fate == FATE_UNKNOWN;
}
/* Return "remove", "newest", … (stable, for programs), and the reason, in a few words. */
const char *backup_fate_name(BackupFate fate);
const char *backup_fate_reason(BackupFate fate);

typedef struct Pruning {
    Store store;
    Backups backups;
    BackupFate *fates; /* one for each backup */
    ClockGaps gaps;    /* gaps, with a note of the present time */
    char *unsure;      /* why the declared versions are unknown; NULL: known */
} Pruning;

#define PRUNING_NONE                                                                               \
    {                                                                                              \
        .store = STORE_NONE                                                                        \
    }

enum {
    PRUNING_LOOKED = 0,
    PRUNING_LOCKED = 1, /* somebody else has the lock */
};

/* Opens the store of NAME, lists its backups, and judges them. lock: takes the lock. Returns
 * PRUNING_… or a negative errno; -ENOENT: there is no store. */
int pruning_look(const Generations *generations, const char *name, bool lock,
                 Pruning *ret) _must_check_;
void pruning_free(Pruning *pruning);

/* Reads the gaps, and adds a note of the present time. The caller frees *ret. 0 or a negative
 * errno. */
int pruning_note_clock(ClockGaps *ret) _must_check_;

/* Writes the first note of the clock before the first backup, so that a clock that is set afterwards
 * makes no backup old. Returns the last note if the clock is behind it, else -1: a backup is never
 * made before that. Without a note (no space), the clock is believed. */
int64_t pruning_note_transaction(void);
