/* SPDX-License-Identifier: MIT */
/* Post= hooks that wait for the service to start, and have changed since their migration was
 * approved. */
#pragma once

#include "basic/fingerprint.h"
#include "look/service.h"

/* One fingerprint a hook of service->facts.post, "" where there is nothing to approve; the caller
 * owns the array. NULL: out of memory. *ret_first: the command of the first that needs approval, or
 * NULL. */
Fingerprint *post_hooks_compare(const Service *service, const char **ret_first) _must_check_;
/* The command of the first hook that needs approval; NULL: none. */
const char *hook_to_approve(const Service *service);
