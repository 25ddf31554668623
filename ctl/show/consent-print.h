/* SPDX-License-Identifier: MIT */
/* Approvals and deferrals, for people and programs. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

/* The plan of a service: "the migration from 1 to 2", "bringing back the backup …, at version 1,".
 * The caller owns it; NULL: out of memory. */
char *consent_describe_plan(const Service *service) _must_check_;

/* Prints why the plan needs approval, and whether it has approval. */
void consent_print_reasons(const Service *service);

/* Adds the keys "approval_given" and "deferred". */
void consent_add_to_json(json_object *object, const Service *service);
