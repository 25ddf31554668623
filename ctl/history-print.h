/* SPDX-License-Identifier: MIT */
/* An entry of the history in words. */
#pragma once

#include "store.h"

/* When it ended, or began, UTC; "" where nothing says so. The entry's. */
const char *entry_time(json_object *entry);
/* For json_object_array_sort(): oldest first. */
int entry_compare(const void *a, const void *b);
/* "1 → 2, done, 3.2 s", "adopted 1"; the caller owns it, NULL: out of memory. */
char *entry_describe(json_object *entry) _must_check_;
