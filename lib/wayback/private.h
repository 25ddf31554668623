/* SPDX-License-Identifier: MIT */
/* Declarations that only the files of wayback/ use. */
#pragma once

#include "wayback/record.h"
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

/* Computes a fingerprint of the copy with that name. The caller owns *ret. 0 or a negative errno.
 * Implemented in copy.c. */
int applied_describe_copy(int dir_fd, const char *name, char **ret) _must_check_;
/* Says why the copy of a file cannot be used, as the end of a sentence. NULL: the copy can be
 * used. */
const char *applied_copy_is_bad(int dir_fd, const WaybackFile *file);
