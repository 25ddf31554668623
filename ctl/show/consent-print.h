/* SPDX-License-Identifier: MIT */
/* Prints approvals and deferrals, as text and as JSON. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

/* Describes the plan: "the migration from 1 to 2", "bringing back the backup …, at version 1,". The
 * caller owns the string; NULL: out of memory. */
char *consent_describe_plan(const Service *service) _must_check_;

/* Prints the reasons why the plan needs approval, and whether it is approved. */
void consent_print_reasons(const Service *service);

/* Adds the keys "approval_given" and "deferred". */
void consent_add_to_json(json_object *object, const Service *service);
