/* SPDX-License-Identifier: MIT */
/* The rule for removing backups, as in migrate.d(5). Pure. */
#pragma once

#include "backup/backup.h"
#include "backup/clock-gaps.h"

typedef struct BackupRule {
    uint64_t keep;          /* Keep= */
    uint64_t keep_for_usec; /* KeepFor= */
    char *const *versions;  /* of all installed generations */
    bool unsure;            /* these are not known: nothing is removed */
    uint64_t now;           /* in microseconds */
    const ClockGaps *gaps;  /* NULL: all time counts */
} BackupRule;

/* The rule of a service. declaration NULL: the defaults. The rest is borrowed. */
BackupRule backup_rule(const Declaration *declaration, char *const *versions, bool unsure,
                       const ClockGaps *gaps);

/* Is it older than KeepFor=? */
bool backup_rule_is_old(const BackupRule *rule, uint64_t time);

typedef enum BackupFate {
    FATE_REMOVE,     /* nobody needs it */
    FATE_FINISH,     /* its removal has begun */
    FATE_NEWEST,     /* kept: one of the newest */
    FATE_YOUNG,      /* kept: not old enough */
    FATE_VERSION,    /* kept: the newest of a declared version */
    FATE_PENDING,    /* kept: the service has not started on its successor */
    FATE_UNSURE,     /* kept: the declared versions are not known */
    FATE_IN_FLIGHT,  /* kept: a migration is running or was cut off */
    FATE_INCOMPLETE, /* left: not all of it is there */
    FATE_DAMAGED,    /* left: the manifest is invalid */
    FATE_UNKNOWN,    /* left: nothing tells what it is */
} BackupFate;

/* In the order of the list. */
void backups_judge(const Backups *backups, const BackupRule *rule, BackupFate *ret);

static inline bool backup_fate_removes(BackupFate fate)
{
    return fate == FATE_REMOVE || fate == FATE_FINISH;
}
/* "remove", "newest", …: stable, for programs. */
const char *backup_fate_name(BackupFate fate);
/* The reason, in a few words. */
const char *backup_fate_reason(BackupFate fate);
