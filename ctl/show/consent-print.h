/* SPDX-License-Identifier: MIT */
/* What was agreed to and what was put off, as it is shown. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

/* Is an approval there that is for another plan than the one that is pending? Says so; NULL: no, or
 * it cannot be told. The caller owns it. */
char *consent_describe_expired(const Service *service);

/* "the migration from 1 to 2", "bringing back the backup …, at version 1,": what there is to
 * approve, of a service that has a plan. The caller owns it; NULL: out of memory. */
char *consent_describe_plan(const Service *service) _must_check_;

/* Has somebody said "not now", and is it still so? */
bool service_is_deferred(const Service *service);

/* Why the plan needs approval, and whether it has it. */
void consent_print_reasons(const Service *service);

/* The keys "approval_given" and "deferred" of output.h. */
void consent_add_to_json(json_object *object, const Service *service);
