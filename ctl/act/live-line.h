/* SPDX-License-Identifier: MIT */
/* Formats the live line, which shows the present work of a run on a terminal. Prints nothing. */
#pragma once

#include "system/progress-record.h"

/* Writes plain text into out, which takes at most columns columns. now: CLOCK_MONOTONIC,
 * microseconds. last: the last line of the script as printed; NULL: none. With utf8 false, writes
 * ASCII only. */
void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8);
