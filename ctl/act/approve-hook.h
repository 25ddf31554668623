/* SPDX-License-Identifier: MIT */
/* Approves Post= hooks that have changed since their migration was approved. */
#pragma once

#include "basic/result.h"
#include "look/service.h"

/* Shows the changed hooks, asks, and writes down that each is agreed to as it is now.
 * *ret_approved: there were some. RESULT_DONE, or another Result, which has been said. */
Result approve_hooks(const Service *service, bool *ret_approved);
