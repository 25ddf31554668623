/* SPDX-License-Identifier: MIT */
/* Runs undo hooks: Backup= and Restore=, for the changes that a step makes outside of the clones.
 * Before the script of such a step runs, its Backup= has run, $BACKUP is on disk, and the record
 * says "begun". Until the commit, every failure or crash ends with the Restore= of all steps that
 * have begun, in reverse order, repeated until each Restore= has succeeded. */
#pragma once

#include "declare/plan.h"
#include "script/script.h"
#include "transaction/flight.h"

/* Records which steps have undo hooks. Returns 0 or a negative errno. */
int effects_describe(Flight *flight, const Declaration *declaration, const Plan *plan) _must_check_;

/* Returns true if any step has undo hooks, or effects that no clone covers. If so, stamps say
 * FROM:TO while scripts run. */
bool effects_expected(const Flight *flight);

/* Returns true if there is an effect to undo, or an effect that the operator must be told about. */
bool effects_begun(const Flight *flight);

typedef enum EffectsOutcome {
    EFFECTS_DONE = 0,
    EFFECTS_FAILED = 1, /* reterr_what names the hook and how it ended */
    EFFECTS_CANCELED = 2,
    EFFECTS_LASTING = 3,  /* a script without Restore= has begun */
    EFFECTS_UNWANTED = 4, /* context->prove() refused */
} EffectsOutcome;

/* Runs Backup= before the script of a step, and records that the script begins. Does nothing for a
 * step without undo hooks. Returns EFFECTS_DONE, EFFECTS_FAILED, EFFECTS_CANCELED,
 * EFFECTS_UNWANTED, or a negative errno. */
int effects_begin(Flight *flight, const ScriptContext *context, size_t step,
                  char **reterr_what) _must_check_;

/* Runs Restore= on the trees that the scripts have run on. Repeatable. Returns EFFECTS_DONE,
 * EFFECTS_FAILED (the caller repeats the call later), EFFECTS_LASTING, or a negative errno. */
int effects_undo(Flight *flight, const SandboxTree *trees, size_t n_trees,
                 char **reterr_what) _must_check_;

/* Opens the $BACKUP directory of a step; the caller closes the descriptor. Returns a negative
 * number for a step without undo hooks. */
int effects_backup_fd(const Flight *flight, size_t step) _must_check_;
