/* SPDX-License-Identifier: MIT */
/* What would be pruned of one service, and why. Changes nothing; migratectl shows it. */
#pragma once

#include "backup/generation.h"
#include "backup/rule.h"

typedef struct Pruning {
    Store store;
    Backups backups;
    BackupFate *fates; /* of each of them */
    ClockGaps gaps;    /* with what the clock says now */
    char *unsure;      /* why nothing is removed whose version somebody may declare; or NULL */
} Pruning;

#define PRUNING_NONE                                                                               \
    {                                                                                              \
        .store = STORE_NONE                                                                        \
    }

enum {
    PRUNING_LOOKED = 0,
    PRUNING_LOCKED = 1, /* somebody else has the lock */
};

/* Opens the store of NAME, takes its lock if wanted (without waiting, and keeps it), lists and
 * judges. A PRUNING_… outcome or a negative errno; -ENOENT: there is no store. */
int pruning_look(const Generations *generations, const char *name, bool lock,
                 Pruning *ret) _must_check_;
void pruning_free(Pruning *pruning);

/* What the clock has said, and says now; that is not written down. The caller's. 0 or a negative
 * errno. */
int pruning_note_clock(ClockGaps *ret) _must_check_;

/* Appends where clones of what is declared now (NULL: nothing) are made: nothing else tells of what
 * was left there without a manifest. A directory that cannot be taken care of has none. 0 or
 * -ENOMEM. */
int pruning_find_bases(const Declaration *declaration, const Store *store,
                       char ***ret) _must_check_;
