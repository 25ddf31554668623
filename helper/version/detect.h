/* SPDX-License-Identifier: MIT */
/* Runs FreshCheck= and Detect=, which see the state read-only. The answers become facts in
 * run->facts. */
#pragma once

#include "state/run.h"

/* Asks FreshCheck= whether there is data. 0 or -ENOMEM. */
int detect_fresh(Run *run) _must_check_;

/* Asks Detect= for the version. 0 or -ENOMEM. */
int detect_version(Run *run) _must_check_;

/* Asks Detect= (if declared) whether it contradicts a version from stamps or from an operator. No
 * contradiction if Detect= cannot tell. Not for services that start: it costs a process. 0 or
 * -ENOMEM. */
int detect_confirm(Run *run, const char *version) _must_check_;
/* Makes a verdict of the answer of detect_confirm(): OUTCOME_CURRENT if there is no contradiction.
 * Borrows from run and version. */
Verdict detect_verdict(const Run *run, const char *version);
