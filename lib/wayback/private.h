/* SPDX-License-Identifier: MIT */
/* What wayback/wayback.c and wayback/write.c share: the names of fields. */
#pragma once

#include "wayback/wayback.h"

/* The commands of a section, with the names of their keys. */
typedef struct HookField {
    const char *key;
    size_t offset;
} HookField;

extern const HookField applied_hook_fields[];
extern const size_t applied_n_hook_fields;

static inline Command *applied_command(const Hooks *hooks, const HookField *field)
{
    return (Command *)((char *)hooks + field->offset);
}

/* What is in the copy of that name, into a file's entry. 0 or a negative errno. wayback/copy.c. */
int applied_describe_copy(int dir_fd, const char *name, json_object *file) _must_check_;
/* Is it there, and what was copied then? Why it is not, the end of a sentence; NULL: it is. */
const char *applied_copy_is_bad(int dir_fd, const char *name, json_object *file);
