/* SPDX-License-Identifier: MIT */
/* Reporting how far a run is: STATUS= for systemctl status, and a record in /run for migratectl
 * (lib/system/progress-record.h). A process has one run, so these functions need no handle.
 *
 * Reports are made four times a second at most, and once a second while nothing changes. No
 * function here can fail a migration. */
#pragma once

#include "tree/clone.h"

/* Begins the record of this run, PROGRESS_DIRECTORY/VERB@NAME; without it, there is STATUS= only.
 * progress_end() removes it; the record of a run that was killed names a process that is gone. */
void progress_begin(const char *verb, const char *name);
void progress_end(void);
/* Sets the STATUS= that systemctl status shows after the end. For LogContext: the last event with a
 * result sets it. */
void progress_ended(int result, const char *text);
/* The same for a run that may have ended without an event. Call it before progress_end(). */
void progress_result(int result);

/* --- phases: each ends the one before, and is reported at once ------------------------------- */

/* The reason, as in "Waiting: 2 other migrations are running". */
void progress_wait(const char *format, ...) _printf_(1, 2);
/* Check= of a step; steps are counted from 1. */
void progress_check(size_t step, size_t n_steps);
/* A step; from NULL: the state is being created. */
void progress_step(size_t step, size_t n_steps, const char *from, const char *to);
/* A hook of the step: "Backup", "Script", "Init", "Verify"; it has its own clock. */
void progress_hook(const char *key);
void progress_sync(void);
void progress_prove(void);
void progress_swap(void);
/* A step is being undone. */
void progress_undo(size_t step);

/* --- staging --------------------------------------------------------------------------------- */

/* The estimated totals of all directories: content and inodes; 0: unknown. */
void progress_expect(uint64_t bytes, uint64_t files);
/* The directory that is cloned now. */
void progress_clone(const char *directory);
/* For CloneOptions. */
void progress_cloned(const CloneProgress *progress, void *userdata);

/* --- scripts --------------------------------------------------------------------------------- */

/* A line that a script has printed, for STATUS= only. */
void progress_line(const char *line);
/* Call this several times a second while a script runs. */
void progress_tick(void);
