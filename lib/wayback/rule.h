/* SPDX-License-Identifier: MIT */
/* The rule for keeping waybacks, as in migrate.d(5). Pure. */
#pragma once

#include "backup/rule.h"
#include "declare/plan.h"

/* The wayback of one transaction. */
typedef struct Applied {
    char *id;
    char *to;        /* its version; NULL: its record is damaged */
    uint64_t time;   /* in microseconds; 0: not known */
    bool recorded;   /* the history or a backup has the transaction */
    bool on_the_way; /* it led to the state, or to a kept backup */
    bool is_awaited; /* a hook for after the start lies in it */
} Applied;

typedef enum AppliedFate {
    APPLIED_REMOVE,
    APPLIED_FINISH,  /* its removal has begun */
    APPLIED_NEWEST,  /* kept: one of the newest */
    APPLIED_YOUNG,   /* kept: not old enough */
    APPLIED_VERSION, /* kept: a generation declares an older version */
    APPLIED_AWAITED, /* kept: a hook in it has not run yet */
    APPLIED_UNSURE,  /* kept: the declared versions are not known */
    APPLIED_DAMAGED, /* left: damaged */
} AppliedFate;

/* The rule for backups, but for versions older than "to". The newest item comes first. */
void applied_judge(const Applied *items, size_t n, const BackupRule *rule, AppliedFate *ret);

/* Marks the items that a state of that version can go back by: not those that a later transaction
 * has superseded, nor those that it has gone back over. */
void applied_mark_lineage(Applied *items, size_t n, const char *version, const Lineage *lineage);
