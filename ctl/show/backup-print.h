/* SPDX-License-Identifier: MIT */
/* Formats a backup as text and as JSON, for the verbs backups, prune and restore. The caller owns
 * strings that are not const; NULL: out of memory or unknown. */
#pragma once

#include "backup/rule.h"
#include "terminal/output.h"

/* Formats the age of a backup: "3 days", "5 h", "2 min". */
char *backup_age(const Backup *backup) _must_check_;
/* Returns the generation's name without its directory; NULL: unknown. */
const char *backup_generation(const Backup *backup);
const char *backup_state_words(BackupState state);
Colour backup_colour(BackupState state);
/* Makes a JSON object with the keys of docs/json-schema. NULL: out of memory. */
json_object *backup_to_json(const char *name, const Backup *backup) _must_check_;

/* backups.c: appends the names of all services that have a store, below --root=. Returns 0, or a
 * negative errno after printing the reason. */
int backup_find_services(char ***ret) _must_check_;
