/* SPDX-License-Identifier: MIT */
/* Calls the helper, which alone changes a state of the running system. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "judge/refusal.h"

/* Runs "systemd-migrate VERB [NAME [VERSION]]" and waits. The helper's output goes to standard
 * error. Returns the helper's exit status as a Result; RESULT_FAILED, after printing the reason, if
 * the helper cannot be run. */
Result helper_call(const char *verb, const char *name, const char *version) _must_check_;
/* Runs "systemd-migrate check NAME" like helper_call(). The helper reports an obstacle in *ret
 * instead of printing it. If *ret has no sentence, the helper has printed the obstacle. */
Result helper_check(const char *name, Refusal *ret) _must_check_;
