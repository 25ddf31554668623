/* SPDX-License-Identifier: MIT */
/* The names of results. */
#include "basic/result.h"

const char *const result_names[] = {
    [RESULT_DONE] = "done",         [RESULT_FAILED] = "failed",
    [RESULT_USAGE] = "usage",       [RESULT_ATTENTION] = "attention",
    [RESULT_APPROVAL] = "approval", [RESULT_DEFERRED] = "deferred",
    [RESULT_REFUSED] = "refused",   [RESULT_BUSY] = "busy",
    [RESULT_INVALID] = "invalid",
};
