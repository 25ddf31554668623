/* SPDX-License-Identifier: MIT */
/* Formats a service as JSON. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

/* Makes a JSON object with the keys of docs/json-schema. NULL: out of memory. */
json_object *service_to_json(const Service *service) _must_check_;
/* Adds the keys "condition" through "then". service NULL: the values are null. */
void verdict_add_to_json(json_object *object, const Service *service);
/* Adds the keys "approval_given" and "deferred". */
void consent_add_to_json(json_object *object, const Service *service);
json_object *steps_to_json(const Plan *plan) _must_check_;
json_object *items_to_json(const Items *items);
json_object *strings_to_json(char *const *strings) _must_check_;

/* Finds the number of backups, and the manifest and the path of the newest backup. The caller owns
 * both. Returns 0 or -ENOMEM. */
int service_backups(const Service *service, TransactionRecord *ret_newest, char **ret_place,
                    size_t *ret_n) _must_check_;
