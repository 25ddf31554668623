/* SPDX-License-Identifier: MIT */
/* What a step does where no clone covers it, and undoing that: the hooks Backup= and Restore=.
 *
 * Before the script of a step with such hooks begins, its Backup= has run, what that left in
 * $BACKUP is on disk, and the record says "begun". From then until the transaction is committed,
 * whatever goes wrong, a crash included, ends with the Restore= of all steps that have begun, the
 * last one first, until each has succeeded. The record carries all that is needed for it, a copy of
 * the scripts included: by then the declaration may be another. */
#pragma once

#include "declare/plan.h"
#include "script/script.h"
#include "transaction/flight.h"

/* Writes into the record of a transaction that is about to begin which steps have hooks. 0 or a
 * negative errno. */
int effects_describe(Flight *flight, const Declaration *declaration, const Plan *plan) _must_check_;

/* Has any step of this transaction such hooks, or effects that no clone covers? Then stamps say
 * FROM:TO while scripts run. */
bool effects_expected(const Flight *flight);

/* Has any of them begun, and is there something to undo or to tell? */
bool effects_begun(const Flight *flight);

typedef enum EffectsOutcome {
    EFFECTS_DONE = 0,
    EFFECTS_FAILED = 1, /* reterr_what says which hook, and how it ended */
    EFFECTS_CANCELED = 2,
    EFFECTS_LASTING = 3,  /* what a script without Restore= has begun cannot be undone */
    EFFECTS_UNWANTED = 4, /* the context's prove() did not let it begin */
} EffectsOutcome;

/* Right before a step's script: runs its Backup=, and writes down that the script begins. Nothing,
 * for a step without hooks. EFFECTS_DONE, _FAILED, _CANCELED, _UNWANTED, or a negative errno. */
int effects_begin(Flight *flight, const ScriptContext *context, size_t step,
                  char **reterr_what) _must_check_;

/* Undoes what has begun: trees are what the scripts were run on. Repeatable. EFFECTS_DONE, _FAILED
 * (to be done again), _LASTING, or a negative errno. */
int effects_undo(Flight *flight, const SandboxTree *trees, size_t n_trees,
                 char **reterr_what) _must_check_;

/* What a script of this step finds at $BACKUP, to be closed by the caller; negative where it has no
 * such hooks. */
int effects_backup_fd(const Flight *flight, size_t step) _must_check_;
