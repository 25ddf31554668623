/* SPDX-License-Identifier: MIT */
/* What a clone of the state takes, reckoned beforehand. */
#pragma once

#include "look/service.h"

/* As root, on this system, where a migration is pending: appends lines to service->space, and
 * judges anew where CopyLimit= wants an approval. What cannot be found out is left for the helper
 * to say. 0 or -ENOMEM. */
int reckon_space(Service *service) _must_check_;
