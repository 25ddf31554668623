/* SPDX-License-Identifier: MIT */
/* A plan, as it is printed. */
#pragma once

#include "look/service.h"

/* The plan that there is: from where to where, each step with where it is declared, its warnings
 * and commands, what the clone takes, why it needs approval and whether it has it.*/
void plan_print(const Service *service);

/* Why nothing is planned. RESULT_DONE where there is nothing to do, else the Result that stands for
 * what is in the way.*/
int plan_explain_none(const Service *service);
