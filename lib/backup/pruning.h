/* SPDX-License-Identifier: MIT */
/* Decides which backups of a service would be pruned, and why. Changes nothing. */
#pragma once

#include "backup/generation.h"
#include "backup/rule.h"

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

/* Appends the bases of the declared directories, which may have remains that no manifest names.
 * declaration may be NULL. 0 or -ENOMEM. */
int pruning_find_bases(const Declaration *declaration, const Store *store,
                       char ***ret) _must_check_;
