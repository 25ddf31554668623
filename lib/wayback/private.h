/* SPDX-License-Identifier: MIT */
/* What the files of this room share. */
#pragma once

#include "wayback/record.h"
#include "wayback/wayback.h"

/* The commands of a section. */
typedef struct HookField {
    size_t hooks, record; /* offsets of a Command in Hooks, of its words in WaybackHooks */
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

/* What is in the copy of that name; the caller owns it. 0 or a negative errno. wayback/copy.c. */
int applied_describe_copy(int dir_fd, const char *name, char **ret) _must_check_;
/* Is the copy of a file there, and what was copied then? NULL, or why not, as the end of a
 * sentence. */
const char *applied_copy_is_bad(int dir_fd, const WaybackFile *file);
