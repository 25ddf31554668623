/* SPDX-License-Identifier: MIT */
/* What a rehearsal has shown, for people and programs. */
#pragma once

#include "look/service.h"
#include "store/rehearsal.h"
#include "terminal/output.h"

/* All of it: what happened to each step, how the state was cloned, what that is worth, what was not
 * tried, and what to type. service: as it is now. */
void rehearsal_print(const Service *service, const RehearsalRecord *record);

/* As output.h has it: every key is there. record NULL: the helper has written none, and ended with
 * status. NULL: out of memory. */
json_object *rehearsal_to_json(const RehearsalRecord *record, const char *name,
                               int status) _must_check_;

/* The key "rehearsal" of output.h. */
void rehearsal_add_to_json(json_object *object, const Service *service);
