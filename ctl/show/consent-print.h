/* SPDX-License-Identifier: MIT */
/* What was agreed to and what was put off, as it is shown. */
#pragma once

#include "look/service.h"

/* "alice on Sun 2026-11-22 09:17:38 UTC", of a record with "by" and "when"; the caller owns it. */
char *consent_describe(json_object *record) _must_check_;
/* "deferred by alice on …, until …: the reason"; the caller owns it. */
char *consent_describe_deferral(const Deferral *deferral) _must_check_;

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
