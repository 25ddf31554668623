/* SPDX-License-Identifier: MIT */
/* Approves Post= hooks that have changed since their migration was approved. */
#pragma once

#include "basic/result.h"
#include "look/service.h"

/* Shows the changed hooks, asks the operator, and records the approval. *ret_approved is set if a
 * hook was approved. Returns RESULT_DONE, or another Result after printing the reason. */
Result approve_hooks(const Service *service, bool *ret_approved);
