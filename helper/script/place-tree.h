/* SPDX-License-Identifier: MIT */
/* Makes the view that scripts have of a state directory. */
#pragma once

#include "place/place.h"
#include "sandbox/sandbox.h"

/* Describes a state directory for the sandbox. fd: the directory to show, the original or its
 * clone. The result borrows from the place, which has to outlive it. */
SandboxTree place_tree(const Place *place, int fd);
