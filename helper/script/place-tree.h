/* SPDX-License-Identifier: MIT */
/* What scripts see of a place. */
#pragma once

#include "place/place.h"
#include "sandbox/sandbox.h"

/* The directory fd (the original, or its clone) as the sandbox shows it, at the place's path. All
 * borrowed: the place must outlive it. */
SandboxTree place_tree(const Place *place, int fd);
