/* SPDX-License-Identifier: MIT */
/* Time that nobody has seen pass. Backups age by the clock, and clocks jump: a battery is empty, a
 * time server is wrong. The timer of pruning notes once a day what the clock says
 * (STORE_DIRECTORY/.clock). More than a day or two between two notes means that the system was off,
 * or that the clock was set; either way it counts as two days, in one boot as what has passed since
 * it began. A clock that goes back into such a gap had jumped, and the gap is forgotten. */
#pragma once

#include "store/record.h"

typedef struct ClockGap {
    RecordRest *rest;
    uint64_t before, after; /* what the clock said, in microseconds */
    uint64_t counted;       /* how much of that counts */
} ClockGap;

typedef struct ClockGaps {
    RecordRest *rest;
    ClockGap *gaps;
    size_t n_gaps;
    uint64_t seen;   /* the last note; 0: there is none */
    char *boot;      /* in which it was made */
    uint64_t uptime; /* how long that had lasted */
} ClockGaps;

/* 0, also where nothing has been noted, or it is damaged: then the clock is believed. Or a negative
 * errno. root as for store_open(). */
int clock_gaps_read(const char *root, ClockGaps *ret) _must_check_;
int clock_gaps_write(const ClockGaps *gaps) _must_check_;
void clock_gaps_free(ClockGaps *gaps);

DECLARE_RECORD(ClockGaps, clock_record);

/* Notes what the clock says. boot may be NULL. 0 or -ENOMEM. */
int clock_gaps_note(ClockGaps *gaps, uint64_t now, const char *boot, uint64_t uptime) _must_check_;

/* How much of the time between then and now counts; 0 where then is not over. gaps may be NULL. */
uint64_t clock_gaps_age(const ClockGaps *gaps, uint64_t now, uint64_t then);
