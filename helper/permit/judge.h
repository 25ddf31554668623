/* SPDX-License-Identifier: MIT */
/* A verdict on the state of a run, with what only the helper can find out. */
#pragma once

#include "state/run.h"

/* Decides on run->facts, and has what the verdict misses found out, as far as may_ask says (Asks).
 * Nothing is asked about a state with which nothing is to be done. 0 or -ENOMEM. */
int run_judge(Run *run, unsigned may_ask, Verdict *ret) _must_check_;

/* What is asked before anything else: what reading finds out, and scripts about the version. */
#define ASKS_VERSION (ASKS_READ | ASKS_FRESH_CHECK | ASKS_DETECT | ASKS_CONFIRM)
