/* SPDX-License-Identifier: MIT */
/* What applied.c and applied-write.c share: the names of fields. */
#pragma once

#include "applied.h"

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
