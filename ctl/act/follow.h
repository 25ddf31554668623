/* SPDX-License-Identifier: MIT */
/* Follows a run of the helper in its unit. A terminal shows one live line with the present work
 * (from lib/system/progress-record.h), and above that line the finished work and its duration (from
 * the journal). A pipe gets the journal line by line. */
#pragma once

#include "system/progress-record.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

typedef struct Follow {
    sd_bus *bus;
    const char *unit, *verb, *name; /* borrowed */
    sd_journal *journal;            /* NULL: the journal cannot be read */
    uint64_t begun;                 /* start of following: CLOCK_MONOTONIC, microseconds */
    char *shown;                    /* present text of the live line */
    bool live;                      /* the live line is shown */
    int result;                     /* the Result of the helper; -1: unknown */
    bool seen;                      /* the record in /run has existed */
    bool through;                   /* the journal says that the run has ended */
    char *said;                     /* the last line of a script */
    uint64_t said_when;             /* time of said: CLOCK_MONOTONIC, microseconds */
    char *lines[10];                /* the last lines that were not shown, oldest first */
    size_t n_lines;
} Follow;

/* Begins to follow the unit in which the helper runs verb for name. Starts at the beginning of the
 * present run; if there is no run, starts now. */
void follow_begin(Follow *follow, sd_bus *bus, const char *unit, const char *verb,
                  const char *name);
/* Shows new output. A callback for jobs_wait(). */
void follow_tick(void *follow);
/* Clears the live line. If the run has ended, waits a moment for the last entries of the
 * journal. */
void follow_settle(Follow *follow, bool ended);
/* Prints the last lines that a terminal has not shown. */
void follow_print_last(const Follow *follow);
void follow_end(Follow *follow);

/* Says whether standard output is a terminal that can rewrite a line. */
bool follow_is_live(void);

/* live-line.c: writes the live line into out as plain text of at most columns columns. now:
 * CLOCK_MONOTONIC, microseconds. last: the last line of the script as printed; NULL: none. With
 * utf8 false, writes ASCII only. */
void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8);
