/* SPDX-License-Identifier: MIT */
/* Asking the data itself: FreshCheck= and Detect=, which see the state read-only. */
#pragma once

#include "transaction/transaction.h"

enum {
    DETECT_DONE = 0,
    DETECT_FAILED = 1,   /* it ended otherwise: reterr_what */
    DETECT_CANCELED = 2, /* interrupted: reterr_what */
};

/* Does FreshCheck= say that there is no data yet? DETECT_… or a negative errno. */
int detect_fresh(const Run *run, bool *ret, char **reterr_what) _must_check_;

/* The version that Detect= prints, the caller's. stamped, which may be NULL, is what the stamps
 * say: it is told as FROM. DETECT_… or a negative errno. */
int detect_version(const Run *run, const char *stamped, char **ret_version,
                   char **reterr_what) _must_check_;

/* May version be believed? Where Detect= is declared it is asked, and says no version that is
 * another by comparison. That it cannot tell is no contradiction. RESULT_DONE, RESULT_REFUSED with
 * reterr_what (the caller's), or RESULT_FAILED. Not for services that start: it costs a process. */
int detect_confirm(const Run *run, const char *version, char **reterr_what) _must_check_;
