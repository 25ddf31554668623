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

/* Is this a program of the operating system, which an upgrade or a rollback of the service's
 * software does not replace? */
bool path_is_of_system(const char *path);
/* Returns the interpreter in the first line of a script, for the caller to free; NULL: none. */
char *script_interpreter(int dir_fd, const char *name);
/* Returns why a binary cannot be executed from the directory origin below root: a sentence about its
 * loader or one of its own libraries, for the caller to free. NULL: nothing is known to be missing. */
char *program_lacks(const char *root, int dir_fd, const char *name, const char *origin);
