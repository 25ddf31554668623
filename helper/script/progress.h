/* SPDX-License-Identifier: MIT */
/* How far a run is, told to whoever watches: STATUS= for systemctl status, and a record in /run for
 * migratectl (lib/system/progress-record.h). The only place where such texts are made. There is one
 * run a process, so all of this is of the process.
 *
 * It costs next to nothing where it is called often: a few system calls four times a second at
 * most, once a second while nothing moves. Nothing in here can fail a migration. */
#pragma once

#include "tree/clone.h"

/* Begins the record of this run, PROGRESS_DIRECTORY/VERB@NAME. Without it, STATUS= alone is told.
 * progress_end() removes it; the record of a run that was killed names a process that is gone. */
void progress_begin(const char *verb, const char *name);
void progress_end(void);
/* What systemctl status goes on showing: what came of it. For LogContext: the last event with a
 * result tells. */
void progress_ended(int result, const char *text);
/* The same, for a run that may have come to its end without an event. Before progress_end(). */
void progress_result(int result);

/* --- phases: each ends the one before, and is told at once ----------------------------------- */

/* What for, as in "Waiting: 2 others migrate". */
void progress_wait(const char *format, ...) _printf_(1, 2);
/* Check= of a step, counted from 1. */
void progress_check(size_t step, size_t n_steps);
/* A step, counted from 1; from NULL: the state is being made. */
void progress_step(size_t step, size_t n_steps, const char *from, const char *to);
/* Within it: "Backup", "Script", "Init", "Verify"; with a clock of its own. */
void progress_hook(const char *key);
void progress_sync(void);
void progress_prove(void);
void progress_swap(void);
/* What a step has done is undone. */
void progress_undo(size_t step);

/* --- staging --------------------------------------------------------------------------------- */

/* What all of it will come to, as it was reckoned: content and inodes; 0 is not known. */
void progress_expect(uint64_t bytes, uint64_t files);
/* This directory is cloned now. */
void progress_clone(const char *directory);
/* For CloneOptions. */
void progress_cloned(const CloneProgress *progress, void *userdata);

/* --- scripts --------------------------------------------------------------------------------- */

/* What a script has printed, for STATUS= alone. */
void progress_line(const char *line);
/* Time has passed; to be called several times a second while a script runs. */
void progress_tick(void);
