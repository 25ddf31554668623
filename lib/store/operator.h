/* SPDX-License-Identifier: MIT */
/* Who decided something, for the records of decisions. */
#pragma once

#include "store/store.h"

/* Adds "by" (the login name behind sudo and its like; absent if it cannot be told) and "uid" (whom
 * this runs as). For people to read, proof of nothing. */
void operator_add(json_object *record);

/* "alice on Sun 2026-11-22 09:17:38 UTC", from "by" and "when"; the caller owns it, NULL: out of memory.
 */
char *operator_describe(json_object *record) _must_check_;
