/* SPDX-License-Identifier: MIT */
/* Undo hooks: Backup= and Restore=, for what a step does outside of the clones.
 *
 * Before the script of such a step runs, its Backup= has run, $BACKUP is on disk, and the record
 * says "begun". From then on until the commit every failure, a crash included, ends with the
 * Restore= of all steps that have begun, in reverse order, until each has succeeded. The record and
 * a copy of the scripts are enough for that: the declaration may have changed by then. */
#pragma once

#include "declare/plan.h"
#include "script/script.h"
#include "transaction/flight.h"

/* Notes in a new record which steps have undo hooks. 0 or a negative errno. */
int effects_describe(Flight *flight, const Declaration *declaration, const Plan *plan) _must_check_;

/* Has any step undo hooks, or effects that no clone covers? Then stamps say FROM:TO while scripts
 * run. */
bool effects_expected(const Flight *flight);

/* Is there anything to undo, or to tell the operator? */
bool effects_begun(const Flight *flight);

typedef enum EffectsOutcome {
    EFFECTS_DONE = 0,
    EFFECTS_FAILED = 1, /* reterr_what has the hook and how it ended */
    EFFECTS_CANCELED = 2,
    EFFECTS_LASTING = 3,  /* a script has begun that has no Restore= */
    EFFECTS_UNWANTED = 4, /* the context's prove() refused */
} EffectsOutcome;

/* Before the script of a step: runs Backup=, and records that the script begins. Does nothing for a
 * step without undo hooks. UNDO_HOOKS_DONE, _FAILED, _CANCELED, _UNWANTED, or a negative errno. */
int effects_begin(Flight *flight, const ScriptContext *context, size_t step,
                  char **reterr_what) _must_check_;

/* Runs Restore= on the trees that the scripts have run on. Repeatable. UNDO_HOOKS_DONE, _FAILED
 * (repeat it later), _LASTING, or a negative errno. */
int effects_undo(Flight *flight, const SandboxTree *trees, size_t n_trees,
                 char **reterr_what) _must_check_;

/* The step's $BACKUP, which the caller closes; negative for a step without undo hooks. */
int effects_backup_fd(const Flight *flight, size_t step) _must_check_;
