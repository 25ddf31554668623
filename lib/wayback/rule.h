/* SPDX-License-Identifier: MIT */
/* Which ways back are kept: the rule that migrate.d(5) tells of. Pure. */
#pragma once

#include "backup/rule.h"
#include "declare/plan.h"

/* What was kept of one transaction. */
typedef struct Applied {
    char *id;
    char *to;        /* the version that it led to; NULL: its record is damaged */
    uint64_t time;   /* when, in microseconds; 0: not known */
    bool recorded;   /* the history tells of it, or there is a backup that it has left */
    bool on_the_way; /* the state, or a backup that is kept, came by it */
    bool is_awaited; /* a hook that is to run after the start lies in it */
} Applied;

typedef enum AppliedFate {
    APPLIED_REMOVE,
    APPLIED_FINISH,  /* its removal has begun */
    APPLIED_NEWEST,  /* kept: one of the newest */
    APPLIED_YOUNG,   /* kept: not old enough */
    APPLIED_VERSION, /* kept: a generation declares an older version */
    APPLIED_AWAITED, /* kept: it has something to run yet */
    APPLIED_UNSURE,  /* kept: it cannot be told which versions are declared */
    APPLIED_DAMAGED, /* left for somebody to look at */
} AppliedFate;

/* items: the newest first. The rule is the one for backups, but that of a version counts which is
 * older than the one that the transaction led to. */
void applied_judge(const Applied *items, size_t n, const BackupRule *rule, AppliedFate *ret);

/* Marks in items what a state of that version came by and can go back by: not what was superseded
 * by a later way to the same version, nor what it has gone back over already. */
void applied_mark_lineage(Applied *items, size_t n, const char *version, const Lineage *lineage);
