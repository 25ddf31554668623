/* SPDX-License-Identifier: MIT */
/* Points in time, as records and people write them. */
#pragma once

#include "basic/util.h"

/* A time of a record, "2026-11-22T09:02:11Z", as local time: "Sun 2026-11-22 10:02:11 CET". The
 * caller owns it, NULL: out of memory. Anything else is returned as it is, NULL as "?". */
char *time_local(const char *utc) _must_check_;
/* The same for tables: "2026-11-22 10:02:11". */
char *time_local_short(const char *utc) _must_check_;
