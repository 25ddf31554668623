/* SPDX-License-Identifier: MIT */
/* Formats backups, for the verbs backups, prune and restore. NULL: out of memory. */
#pragma once

#include "backup/pruning.h"
#include "terminal/output.h"

/* Formats the age of a backup: "3 days", "5 h", "2 min". The caller owns the string; NULL also if
 * the age is unknown. */
char *backup_age(const Backup *backup) _must_check_;
/* Makes a JSON object with the keys of docs/json-schema. */
json_object *backup_to_json(const char *name, const Backup *backup) _must_check_;

/* Lists the names of all services that have a store, below --root=. Returns 0, or a negative errno
 * after printing the reason. */
int backup_find_services(char ***ret) _must_check_;
