/* SPDX-License-Identifier: MIT */
/* Waiting for units that are between two states. */
#pragma once

#include "basic/util.h"

/* Is any of the units on its way up or down: has it a job, is it starting or stopping? One that
 * waits for its automatic restart is not: that brings migrate-post@.service along anew. 1, 0 or a
 * negative errno. */
int units_are_on_their_way(char *const *units) _must_check_;

/* Waits until none is, or it takes too long, or somebody cancels. */
void units_wait(char *const *units);
