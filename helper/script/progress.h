/* SPDX-License-Identifier: MIT */
/* Reports how far a run is: as STATUS= for "systemctl status", and in a record in /run for
 * migratectl. A process has one run, so these functions need no handle; their errors are ignored.
 * They report at most four times a second, and once a second while nothing changes. */
#pragma once

#include "system/progress-record.h"
#include "tree/tree.h"

/* Begins the record of this run, PROGRESS_DIRECTORY/VERB@NAME. If the record cannot be written,
 * there is only STATUS=. progress_end() removes the record; after a kill, the record names a
 * process that is gone. */
void progress_begin(const char *verb, const char *name);
void progress_end(void);
/* Sets the STATUS= that "systemctl status" shows after the end. LogContext calls this function for
 * each event with a result. */
void progress_ended(int result, const char *text);
/* Sets the STATUS= after the end, if no event has set it. Called before progress_end(). */
void progress_result(int result);

/* --- phases: each ends the phase before, and is reported at once ----------------------------- */

/* Waits. format: the reason, as in "Waiting: 2 other migrations are running". */
void progress_wait(const char *format, ...) _printf_(1, 2);
/* PROGRESS_CHECKING, PROGRESS_STEP or PROGRESS_UNDOING of a step, counted from 1. from and to may
 * be NULL. */
void progress_step(ProgressPhase phase, size_t step, size_t n_steps, const char *from,
                   const char *to);
/* Runs a hook of the step: "Backup", "Script", "Init", "Verify". The hook has its own clock. */
void progress_hook(const char *key);
/* Any other phase. */
void progress_enter(ProgressPhase phase);

/* --- staging --------------------------------------------------------------------------------- */

/* Sets the estimated totals of all directories: bytes of content, and number of inodes. 0:
 * unknown. */
void progress_expect(uint64_t bytes, uint64_t files);
/* Begins to clone this directory. */
void progress_clone(const char *directory);
/* Reports how far the clone of a directory is. A callback for CloneOptions. */
void progress_cloned(const CloneProgress *progress, void *userdata);

/* --- scripts --------------------------------------------------------------------------------- */

/* Repeats the report when it is due. Called several times a second while a script runs. */
void progress_tick(void);
/* Also calls a function then; NULL: no longer. */
void progress_on_tick(void (*tick)(void *userdata), void *userdata);
