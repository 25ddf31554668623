/* SPDX-License-Identifier: MIT */
/* Prints a plan, or why there is none. */
#pragma once

#include "look/service.h"

/* Prints the plan of the service: versions, steps with their files, warnings and commands, the
 * space that the clone needs, and the approval. */
void plan_print(const Service *service);

/* Prints why there is no plan. Returns RESULT_DONE if there is nothing to do, otherwise the Result
 * of the obstacle. */
int plan_explain_none(const Service *service);
