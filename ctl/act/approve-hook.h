/* SPDX-License-Identifier: MIT */
/* Approves Post= hooks that have changed since their migration was approved. */
#pragma once

#include "basic/result.h"
#include "look/service.h"

/* Shows the changed hooks, asks, and records the approval. *ret_approved: there were some.
 * RESULT_DONE, or another Result, with its reason said. */
Result approve_hooks(const Service *service, bool *ret_approved);
