/* SPDX-License-Identifier: MIT */
/* The record of a run's progress: lines KEY=VALUE in PROGRESS_DIRECTORY/VERB@NAME, only for people
 * to read. All users may read the record, so it has no output of scripts. */
#pragma once

#include "basic/util.h"

#define PROGRESS_DIRECTORY "/run/systemd-migrate"
#define PROGRESS_MAX       2048 /* size of a record in bytes */

typedef enum ProgressPhase {
    PROGRESS_NONE, /* no phase has begun */
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

/* The contents of a record. Texts are borrowed; after progress_read(), from its buffer. */
typedef struct Progress {
    ProgressPhase phase;
    pid_t pid;             /* the process that writes the record */
    uint64_t started;      /* start of the process in clock ticks since boot: see proc(5), stat */
    uint64_t begun;        /* start of the phase or hook: CLOCK_MONOTONIC, microseconds */
    const char *what;      /* waiting: a sentence; staging: the directory */
    const char *from, *to; /* step: versions; NULL: the state is being created */
    const char *hook;      /* step: "Backup", "Script", "Verify"; NULL: between hooks */
    uint64_t step, n_steps;
    uint64_t bytes, files;             /* staging: cloned so far in all directories */
    uint64_t total_bytes, total_files; /* 0: unknown */
    uint64_t rate;                     /* bytes a second; 0: unknown */
    uint64_t left;                     /* microseconds; 0: unknown */
} Progress;

/* Describes the phase in words, except staging: "Step 2 of 3, 14 to 15, verifying". */
void progress_describe(const Progress *progress, char *out, size_t size);
/* The progress of staging in words; "" means unknown. */
typedef struct CloneTexts {
    char percent[16]; /* " 12 %" */
    char bytes[48];   /* "1.5 of 3.0 GiB", or "1.5 GiB" */
    char files[32], total_files[64];
    char rate[32], left[48]; /* "512.0 MiB/s", "3 s left" */
} CloneTexts;

void progress_describe_clone(const Progress *progress, CloneTexts *ret);
/* Does a script run in this phase? */
bool progress_runs_script(const Progress *progress);

/* Writes the record into out, which has PROGRESS_MAX bytes. Returns the record's length. */
size_t progress_print(const Progress *progress, char *out);
/* Parses a record in place, and ignores unknown lines. False: the text is not a record. */
bool progress_parse(char *text, Progress *ret);

/* Finds the start of a process in the unit of Progress.started. Returns 0 or a negative errno;
 * -ENOENT: there is no such process. */
int progress_process(pid_t pid, uint64_t *ret) _must_check_;
/* The same in the text of /proc/PID/stat. -EBADMSG: the text has no such field. */
int process_start_parse(const char *text, uint64_t *ret) _must_check_;

/* Reads the record of a run into buffer, which has PROGRESS_MAX bytes. False: there is no record,
 * or the process that wrote it is gone. */
bool progress_read(const char *verb, const char *name, char *buffer, Progress *ret);

/* Returns the finished part of the cloning work in thousandths; -1: unknown. */
int progress_permille(const Progress *progress);
/* Returns the work of cloning in bytes. Each file adds a fixed number of bytes. */
uint64_t progress_work(uint64_t bytes, uint64_t files);
