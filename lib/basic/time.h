/* SPDX-License-Identifier: MIT */
/* Points in time, in microseconds since 1970, and durations: from and to text. */
#pragma once

#include "basic/util.h"

uint64_t time_now(void);
/* CLOCK_MONOTONIC, which only differences are taken of. */
uint64_t time_monotonic(void);

/* Formats a time as in records, in UTC: "2026-11-22T09:17:38Z". The caller owns it; NULL: out of
 * memory. */
char *time_format(uint64_t usec) _must_check_;
/* Parses such a text; s may be NULL. 0 or -EINVAL. */
int time_parse(const char *s, uint64_t *ret_usec) _must_check_;

/* Formats such a text as local time: "Sun 2026-11-22 10:02:11 CET", and short, for tables:
 * "2026-11-22 10:02:11". Returns a text that is not valid as it is, and "?" for NULL. The caller
 * owns it. */
char *time_local(const char *utc) _must_check_;
char *time_local_short(const char *utc) _must_check_;

/* Parses a duration as in systemd.time(7) ("90", "5min", "1h 30s", "infinity") into microseconds,
 * UINT64_MAX for infinity. 0 or -EINVAL. */
int parse_duration(const char *s, uint64_t *ret_usec) _must_check_;

/* Parses a point in time as an operator writes it: "2026-12-01", "2026-12-01 03:00[:00]" (local
 * time, or UTC with " UTC" after it), "today", "tomorrow", "+3d" from now_usec on. 0 or -EINVAL. */
int parse_timestamp(const char *s, uint64_t now_usec, uint64_t *ret_usec) _must_check_;
