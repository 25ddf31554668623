/* SPDX-License-Identifier: MIT */
/* The line of a terminal that shows what a run is doing now. Prints nothing itself. */
#pragma once

#include "system/progress-record.h"

/* Writes the line into out: at most columns wide, and as plain text. now: CLOCK_MONOTONIC,
 * microseconds. last: the last line of the script, as the script has printed it; NULL: none. utf8
 * false: in ASCII. */
void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8);
