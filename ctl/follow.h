/* SPDX-License-Identifier: MIT */
/* Following a migration that runs in migrate@NAME.service: its status on a terminal, its journal
 * elsewhere. */
#pragma once

#include "util.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>

typedef struct Follow {
    sd_bus *bus;
    const char *unit;    /* borrowed */
    sd_journal *journal; /* NULL: not to be read */
    uint64_t begun;      /* monotonic, microseconds */
    char *shown;         /* what stands in it */
    bool live;           /* a line on the terminal is being rewritten */
    bool through;        /* systemd has said that the unit is through */
    char *lines[10];     /* the last ones, oldest first */
    size_t n_lines;
} Follow;

/* Begins; from now on entries of the journal belong to it. */
void follow_begin(Follow *follow, sd_bus *bus, const char *unit);
/* For jobs_wait(). */
void follow_tick(void *follow);
/* Clears the status line; after the job, waits (a moment) for what the journal still has to say. */
void follow_settle(Follow *follow, bool ended);
/* The last lines, as on a terminal they have not been shown. */
void follow_print_last(const Follow *follow);
void follow_end(Follow *follow);
