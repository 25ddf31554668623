/* SPDX-License-Identifier: MIT */
/* Converts points in time, in microseconds since 1970, and durations from and to text. */
#pragma once

#include "basic/util.h"

uint64_t time_now(void);
/* Returns CLOCK_MONOTONIC in microseconds. Only differences have a meaning. */
uint64_t time_monotonic(void);

/* Formats a time for records, in UTC: "2026-11-22T09:17:38Z". The caller owns the string; NULL: out
 * of memory. */
char *time_format(uint64_t usec) _must_check_;
/* Parses the output of time_format(); s may be NULL. Returns 0 or -EINVAL. */
int time_parse(const char *s, uint64_t *ret_usec) _must_check_;

/* Convert the output of time_format() to local time: "Sun 2026-11-22 10:02:11 CET", or short, for
 * tables, "2026-11-22 10:02:11". Invalid text is copied unchanged, and NULL gives "?". The caller
 * owns the string; NULL: out of memory. */
char *time_local(const char *utc) _must_check_;
char *time_local_short(const char *utc) _must_check_;

/* Parses a duration as in systemd.time(7) ("90", "5min", "1h 30s", "infinity") into microseconds;
 * UINT64_MAX is infinity. Returns 0 or -EINVAL. */
int parse_duration(const char *s, uint64_t *ret_usec) _must_check_;

/* Parses a point in time that an operator has written: "2026-12-01", "2026-12-01 03:00[:00]" (local
 * time, or UTC with " UTC" at the end), "today", "tomorrow", or "+3d" after now_usec. Returns 0 or
 * -EINVAL. */
int parse_timestamp(const char *s, uint64_t now_usec, uint64_t *ret_usec) _must_check_;
