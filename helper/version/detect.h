/* SPDX-License-Identifier: MIT */
/* Asking the data itself: FreshCheck= and Detect=, which see the state read-only. What they say
 * becomes part of run->facts. Each returns 0 or -ENOMEM. */
#pragma once

#include "state/run.h"

/* Does FreshCheck= say that there is no data yet? */
int detect_fresh(Run *run) _must_check_;

/* Which version does Detect= print? */
int detect_version(Run *run) _must_check_;

/* May version be believed, which the stamps say, or somebody? Where Detect= is declared it is
 * asked, and must not say another one. That it cannot tell is no contradiction. Not for services
 * that start: it costs a process. */
int detect_confirm(Run *run, const char *version) _must_check_;
/* Why it may not, once that was asked: OUTCOME_CURRENT where it may. Borrows both. */
Verdict detect_verdict(const Run *run, const char *version);
