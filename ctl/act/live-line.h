/* SPDX-License-Identifier: MIT */
/* The line of a terminal that says what a run is doing right now. Prints nothing itself. */
#pragma once

#include "system/progress-record.h"

/* Into out: at most columns wide, and without anything that a terminal would obey. now:
 * CLOCK_MONOTONIC, microseconds. last: what the script has said last, as it came from it; NULL:
 * nothing. utf8 false: in ASCII. */
void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8);
