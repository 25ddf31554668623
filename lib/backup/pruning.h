/* SPDX-License-Identifier: MIT */
/* Which backups of a service would be pruned, and why. Changes nothing. */
#pragma once

#include "backup/generation.h"
#include "backup/rule.h"

typedef struct Pruning {
    Store store;
    Backups backups;
    BackupFate *fates; /* of each backup */
    ClockGaps gaps;    /* with the present time */
    char *unsure;      /* why the declared versions are not known; or NULL */
} Pruning;

#define PRUNING_NONE                                                                               \
    {                                                                                              \
        .store = STORE_NONE                                                                        \
    }

enum {
    PRUNING_LOOKED = 0,
    PRUNING_LOCKED = 1, /* somebody else has the lock */
};

/* Opens the store of NAME, takes and keeps its lock if wanted (without waiting), lists and judges.
 * PRUNING_… or a negative errno; -ENOENT: there is no store. */
int pruning_look(const Generations *generations, const char *name, bool lock,
                 Pruning *ret) _must_check_;
void pruning_free(Pruning *pruning);

/* The gaps with the present time, which is not written. The caller frees it. 0 or a negative errno.
 */
int pruning_note_clock(ClockGaps *ret) _must_check_;

/* Appends the bases of the declared directories: only they lead to remains without a manifest.
 * declaration may be NULL. 0 or -ENOMEM. */
int pruning_find_bases(const Declaration *declaration, const Store *store,
                       char ***ret) _must_check_;
