/* SPDX-License-Identifier: MIT */
/* The result of a rehearsal, for people and programs. */
#pragma once

#include "look/service.h"
#include "store/rehearsal.h"
#include "terminal/output.h"

/* Prints all of it: the verdict, the clone, each step, what was not tried, and the next command.
 * service: as it is now. */
void rehearsal_print(const Service *service, const RehearsalRecord *record);

/* With every key. record NULL: the helper has written none, and ended with status. NULL: out of
 * memory. */
json_object *rehearsal_to_json(const RehearsalRecord *record, const char *name,
                               int status) _must_check_;

/* Adds the key "rehearsal". */
void rehearsal_add_to_json(json_object *object, const Service *service);
