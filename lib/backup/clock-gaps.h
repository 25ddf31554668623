/* SPDX-License-Identifier: MIT */
/* Gaps: time that may not have passed. Backups age by the clock, and clocks jump: a battery is
 * empty, a time server is wrong. The timer of pruning notes the clock once a day
 * (STORE_DIRECTORY/.clock). More than two days between two notes mean that the system was off, or
 * that the clock was set; either counts as two days, or within one boot as the time since the boot
 * began. If the clock goes back into a gap it had jumped, and the gap is forgotten. */
#pragma once

#include "store/record.h"

typedef struct ClockGap {
    RecordRest *rest;
    uint64_t before, after; /* the clock, in microseconds */
    uint64_t counted;       /* how much of the gap counts */
} ClockGap;

typedef struct ClockGaps {
    RecordRest *rest;
    ClockGap *gaps;
    size_t n_gaps;
    uint64_t seen;   /* the last note; 0: there is none */
    char *boot;      /* of that note */
    uint64_t uptime; /* at that note */
} ClockGaps;

/* 0, also if there is no note or a damaged one: then the clock is right. Or a negative errno. root:
 * as for store_open(). */
int clock_gaps_read(const char *root, ClockGaps *ret) _must_check_;
int clock_gaps_write(const ClockGaps *gaps) _must_check_;
void clock_gaps_free(ClockGaps *gaps);

DECLARE_RECORD(ClockGaps, clock_record);

/* Notes the clock. boot may be NULL. 0 or -ENOMEM. */
int clock_gaps_note(ClockGaps *gaps, uint64_t now, const char *boot, uint64_t uptime) _must_check_;

/* How much of the time between then and now counts; 0 if then is not over. gaps may be NULL. */
uint64_t clock_gaps_age(const ClockGaps *gaps, uint64_t now, uint64_t then);
