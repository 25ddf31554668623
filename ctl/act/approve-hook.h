/* SPDX-License-Identifier: MIT */
/* Post= hooks that are others than when their migration was agreed to. */
#pragma once

#include "look/service.h"

/* The command of the first such, as it was declared; borrowed. NULL: there is none. */
const char *hook_to_approve(const Service *service);

/* Shows them, asks, and writes down that each is agreed to as it is now. *ret_approved: there were
 * some. RESULT_DONE, or another Result, which has been said. */
int approve_hooks(const Service *service, bool *ret_approved);
