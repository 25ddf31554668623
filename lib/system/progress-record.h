/* SPDX-License-Identifier: MIT */
/* How far a run of the helper is: what its record in /run says, written by helper/script/progress.c, read
 * by migratectl. It is for people to look at, and nothing is decided by it.
 *
 * PROGRESS_DIRECTORY/VERB@NAME has lines KEY=VALUE and is replaced as a whole. What scripts print
 * is not in it, as everybody may read it. */
#pragma once

#include "basic/util.h"

#define PROGRESS_DIRECTORY "/run/systemd-migrate"
#define PROGRESS_MAX       2048 /* bytes of a record */

typedef enum ProgressPhase {
    PROGRESS_NONE, /* nothing to tell yet */
    PROGRESS_WAITING,
    PROGRESS_CHECKING,
    PROGRESS_STAGING,
    PROGRESS_STEP,
    PROGRESS_SYNCING,
    PROGRESS_PROVING,
    PROGRESS_SWAPPING,
    PROGRESS_UNDOING,
    PROGRESS_PHASES,
} ProgressPhase;

/* Texts are borrowed: of a record that was read, from the buffer that it was read into. */
typedef struct Progress {
    ProgressPhase phase;
    pid_t pid;             /* whose record it is */
    uint64_t started;      /* when that process was, in clock ticks since boot: see proc(5), stat */
    uint64_t begun;        /* the phase, or the hook: CLOCK_MONOTONIC, microseconds */
    const char *what;      /* waiting: a sentence; staging: the directory */
    const char *from, *to; /* of a step; NULL: the state is being made */
    const char *hook;      /* of a step: "Backup", "Script", "Verify"; NULL: between them */
    uint64_t step, n_steps;
    uint64_t bytes, files;             /* staging: so far, of all directories */
    uint64_t total_bytes, total_files; /* 0: not known */
    uint64_t rate;                     /* bytes a second; 0: not known yet */
    uint64_t left;                     /* microseconds; 0: not known */
} Progress;

/* Into out, which is PROGRESS_MAX. The length. */
size_t progress_print(const Progress *progress, char *out);
/* Takes a record apart, which is changed by that. What it does not know it passes over. False: it
 * is none. */
bool progress_parse(char *text, Progress *ret);

/* When a process was started, as in Progress.started. 0, or a negative errno: -ENOENT where there
 * is none. */
int progress_process(pid_t pid, uint64_t *ret) _must_check_;

/* The record of that run, read into buffer, which is PROGRESS_MAX. False: there is none, or whoever
 * wrote it was killed. */
bool progress_read(const char *verb, const char *name, char *buffer, Progress *ret);

/* Staging as one number, in thousandths of what is to be done; -1: not known. A file costs as much
 * as some of its content does. */
int progress_permille(const Progress *progress);
/* That work, in bytes. */
uint64_t progress_work(uint64_t bytes, uint64_t files);
