/* SPDX-License-Identifier: MIT */
/* Which backups are removed: the rule that migrate.d(5) tells of. Pure. */
#pragma once

#include "backup/backup.h"
#include "backup/clock-gaps.h"

typedef struct BackupRule {
    uint64_t keep;          /* Keep= */
    uint64_t keep_for_usec; /* KeepFor= */
    char *const *versions;  /* that installed generations declare */
    bool unsure;            /* that could not be found out: nothing is removed */
    uint64_t now;           /* in microseconds */
    const ClockGaps *gaps;  /* how much of the time counts; NULL: all of it */
} BackupRule;

/* Has it been there for longer than KeepFor=? */
bool backup_rule_is_old(const BackupRule *rule, uint64_t time);

typedef enum BackupFate {
    FATE_REMOVE,     /* nobody needs it */
    FATE_FINISH,     /* its removal has begun, and goes on */
    FATE_NEWEST,     /* kept: one of the newest */
    FATE_YOUNG,      /* kept: not old enough */
    FATE_VERSION,    /* kept: the newest of a version that a generation declares */
    FATE_PENDING,    /* kept: the service has not started yet on what came of it */
    FATE_UNSURE,     /* kept: it cannot be told which versions are declared */
    FATE_IN_FLIGHT,  /* kept: a migration is running or was cut off */
    FATE_INCOMPLETE, /* left: not all of it is there */
    FATE_DAMAGED,    /* left: the manifest cannot be believed */
    FATE_UNKNOWN,    /* left: nothing tells what it is */
} BackupFate;

/* Decides about each, in the order of the list. */
void backups_judge(const Backups *backups, const BackupRule *rule, BackupFate *ret);

static inline bool backup_fate_removes(BackupFate fate)
{
    return fate == FATE_REMOVE || fate == FATE_FINISH;
}
/* "remove", "newest", …: stable, for programs. */
const char *backup_fate_name(BackupFate fate);
/* Why, in a few words. */
const char *backup_fate_reason(BackupFate fate);
