/* SPDX-License-Identifier: MIT */
/* Printing a plan. */
#pragma once

#include "look/service.h"

/* Prints the plan that the service has: versions, each step with its file, warnings and commands,
 * the space that the clone needs, and the approval. */
void plan_print(const Service *service);

/* Prints why there is no plan. RESULT_DONE if there is nothing to do, otherwise the Result for the
 * obstacle. */
int plan_explain_none(const Service *service);
