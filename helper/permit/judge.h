/* SPDX-License-Identifier: MIT */
/* Reaches a verdict on the state of a run, with facts that only the helper can find. */
#pragma once

#include "state/run.h"

/* Decides on run->facts. Finds missing facts, as far as may_ask (Asks) allows, and decides again.
 * If the software runs on the state as it is, and nobody asked for a migration, no more facts are
 * looked for. The caller frees *ret. 0 or -ENOMEM. */
int run_judge(Run *run, unsigned may_ask, Verdict *ret) _must_check_;

/* Facts that are needed first: those that can be read, and the answers of scripts about the
 * version. */
#define ASKS_VERSION (ASKS_READ | ASKS_FRESH_CHECK | ASKS_DETECT | ASKS_CONFIRM)
