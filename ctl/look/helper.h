/* SPDX-License-Identifier: MIT */
/* Calling the helper: only it changes a state of the running system. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "judge/refusal.h"

/* Runs "systemd-migrate VERB [NAME [VERSION]]" and waits. What it prints goes to standard error.
 * Its exit status, which is a Result; RESULT_FAILED if it cannot be run (which is said). */
Result helper_call(const char *verb, const char *name, const char *version) _must_check_;
/* The same of "systemd-migrate check NAME"; what is in the way is not printed, but put into *ret.
 * Without a sentence in there, it was printed all the same. */
Result helper_check(const char *name, Refusal *ret) _must_check_;
