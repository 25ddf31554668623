/* SPDX-License-Identifier: MIT */
/* Finds Post= hooks that wait for the service to start, and have changed since their migration was
 * approved. */
#pragma once

#include "basic/fingerprint.h"
#include "look/service.h"

/* Returns one fingerprint for each hook of service->facts.post; "" means that the hook needs no
 * approval. *ret_first is the command of the first hook that needs approval, or NULL. The caller
 * owns the array; NULL: out of memory. */
Fingerprint *post_hooks_compare(const Service *service, const char **ret_first) _must_check_;
/* Returns the command of the first hook that needs approval; NULL: none. */
const char *hook_to_approve(const Service *service);
