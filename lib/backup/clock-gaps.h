/* SPDX-License-Identifier: MIT */
/* Measures the age of backups by a clock that may jump, because of an empty battery or a wrong time
 * server.
 *
 * The pruning timer notes clock and uptime once a day (STORE_DIRECTORY/.clock). If the clock
 * advances by more than the uptime plus an hour (after a reboot: two days), the rest is a gap,
 * which does not count as age. If the clock goes back into a gap, the clock had jumped, and the gap
 * is forgotten. If it goes back while the system is up, the last note was from the future. */
#pragma once

#include "store/record.h"

typedef struct ClockGap {
    RecordRest *rest;
    uint64_t before, after; /* the clock before and after the gap, in microseconds */
    uint64_t counted;       /* the part of the gap that counts as age */
} ClockGap;

typedef struct ClockGaps {
    RecordRest *rest;
    ClockGap *gaps;
    size_t n_gaps;
    uint64_t seen;   /* the clock at the last note; 0: there is none */
    char *boot;      /* boot id at the last note */
    uint64_t uptime; /* uptime at the last note */
} ClockGaps;

DECLARE_RECORD(ClockGaps, clock_record);

/* Reads the notes of the clock. If the record is missing or damaged, there are no gaps. root: as
 * for store_open(). 0 or a negative errno. */
int clock_gaps_read(const char *root, ClockGaps *ret) _must_check_;
int clock_gaps_write(const ClockGaps *gaps) _must_check_;

/* Adds a note of the clock to gaps, and a gap if the clock has jumped. boot may be NULL. 0 or
 * -ENOMEM. */
int clock_gaps_note(ClockGaps *gaps, uint64_t now, const char *boot, uint64_t uptime) _must_check_;

/* Returns how much of the time between then and now counts as age. gaps may be NULL. */
uint64_t clock_gaps_age(const ClockGaps *gaps, uint64_t now, uint64_t then);
