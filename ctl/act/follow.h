/* SPDX-License-Identifier: MIT */
/* Following a run of the helper in its unit. A terminal shows one line with what the run is doing
 * now (from its record in /run, lib/system/progress-record.h), and above it what is done and how
 * long that took (from the journal). A pipe gets the journal, line by line. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

typedef struct Follow {
    sd_bus *bus;
    const char *unit, *verb, *name; /* borrowed */
    sd_journal *journal;            /* NULL: it cannot be read */
    uint64_t begun;                 /* monotonic, microseconds */
    char *shown;                    /* the present text of the live line */
    bool live;                      /* the live line is shown */
    int result;                     /* the Result of the helper; -1: unknown */
    bool seen;                      /* the record in /run was there */
    bool through;                   /* the journal says that the run has ended */
    char *said;                     /* the last line of a script */
    uint64_t said_when;             /* monotonic */
    char *lines[10];                /* the last lines that were not shown, oldest first */
    size_t n_lines;
} Follow;

/* Begins to follow the unit, in which the helper does verb for name: from the start of its present
 * run, or from now on. */
void follow_begin(Follow *follow, sd_bus *bus, const char *unit, const char *verb,
                  const char *name);
/* Shows what is new; for jobs_wait(). */
void follow_tick(void *follow);
/* Clears the live line; if the run has ended, waits a moment for the last entries of the journal.
 */
void follow_settle(Follow *follow, bool ended);
/* Prints the last lines that a terminal has not shown. */
void follow_print_last(const Follow *follow);
void follow_end(Follow *follow);

/* Is standard output a terminal that can rewrite a line? */
bool follow_is_live(void);
