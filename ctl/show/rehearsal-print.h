/* SPDX-License-Identifier: MIT */
/* Prints the result of a rehearsal, as text and as JSON. */
#pragma once

#include "look/service.h"
#include "store/rehearsal.h"
#include "terminal/output.h"

/* Prints the verdict, the clone, each step, the parts that were not tried, and the next command.
 * service has the present facts. */
void rehearsal_print(const Service *service, const RehearsalRecord *record);

/* Makes a JSON object with every key. record NULL: the helper ended with status and wrote no
 * record. Returns NULL if out of memory. */
json_object *rehearsal_to_json(const RehearsalRecord *record, const char *name,
                               int status) _must_check_;

/* Adds the key "rehearsal". */
void rehearsal_add_to_json(json_object *object, const Service *service);
