/* SPDX-License-Identifier: MIT */
/* Following a run of the helper in its unit. On a terminal: a line that says what it is doing right
 * now (from its record in /run, lib/system/progress-record.h), and above it, to stay, what is done
 * and how long that took (from the journal). Elsewhere: its journal, line by line. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

typedef struct Follow {
    sd_bus *bus;
    const char *unit, *verb, *name; /* borrowed */
    sd_journal *journal;            /* NULL: not to be read */
    uint64_t begun;                 /* monotonic, microseconds */
    char *shown;                    /* what stands in the line that is being rewritten */
    bool live;                      /* there is one */
    int result;                     /* a Result that the helper has ended with; -1: not said yet */
    bool seen;                      /* its record was there */
    bool through;                   /* systemd has said that the unit is through */
    char *said;                     /* what a script has printed last */
    uint64_t said_when;             /* monotonic */
    char *lines[10];                /* the last ones that were not shown, oldest first */
    size_t n_lines;
} Follow;

/* Begins to follow the unit, in which the helper does verb for NAME: entries of the journal from
 * now on belong to it, or if it runs already, those of this run. */
void follow_begin(Follow *follow, sd_bus *bus, const char *unit, const char *verb,
                  const char *name);
/* For jobs_wait(). */
void follow_tick(void *follow);
/* Clears the live line; after the job, waits (a moment) for what the journal still has to say. */
void follow_settle(Follow *follow, bool ended);
/* The last lines, as on a terminal they have not been shown. */
void follow_print_last(const Follow *follow);
void follow_end(Follow *follow);

/* Is standard output a terminal on which lines can be rewritten? */
bool follow_is_live(void);
