/* SPDX-License-Identifier: MIT */
/* The rule for keeping waybacks, see migrate.d(5). Pure. */
#pragma once

#include "backup/rule.h"
#include "declare/plan.h"

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
    APPLIED_AWAITED, /* kept: a Post= hook in it has not run yet */
    APPLIED_UNSURE,  /* kept: the declared versions are not known */
    APPLIED_DAMAGED, /* left: the record is damaged */
} AppliedFate;

/* Judges waybacks like backups, with one difference: a wayback is needed while an installed
 * generation declares a version older than its "to". items: newest first. ret: n elements. */
void applied_judge(const Applied *items, size_t n, const BackupRule *rule, AppliedFate *ret);

/* Sets on_the_way for items by which a state of that version can go back. Leaves out items that a
 * later transaction has superseded, and items above the version, which the state has already gone
 * back over. */
void applied_mark_lineage(Applied *items, size_t n, const char *version, const Lineage *lineage);
