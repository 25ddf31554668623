/* SPDX-License-Identifier: MIT */
/* Declarations that only the files of wayback/ use. */
#pragma once

#include "wayback/wayback.h"

/* A command of a [Down] section. */
typedef struct HookField {
    size_t hooks, record; /* offsets of the Command in Hooks, and of its words in WaybackHooks */
} HookField;

extern const HookField applied_hook_fields[];
extern const size_t applied_n_hook_fields;

static inline Command *applied_command(const Hooks *hooks, const HookField *field)
{
    return (Command *)((char *)hooks + field->hooks);
}
static inline char ***applied_words(const WaybackHooks *record, const HookField *field)
{
    return (char ***)(void *)((char *)record + field->record);
}
