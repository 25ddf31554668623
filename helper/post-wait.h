/* SPDX-License-Identifier: MIT */
/* Waits for units that are between two states. */
#pragma once

#include "basic/util.h"

/* Returns 1 if any of the units has a job, is starting or is stopping, 0 if not, or a negative
 * errno. A unit that waits for its automatic restart does not count, since the restart starts
 * migrate-post@.service again. */
int units_are_on_their_way(char *const *units) _must_check_;

/* Waits until no unit is between two states, a minute has passed, or the run is canceled. */
void units_wait(char *const *units);
