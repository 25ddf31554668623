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

/* Is this a shell or an interpreter of the operating system, which a rollback of the service's
 * software does not replace? Links on the way count, too. root: NULL or a directory. */
bool path_is_of_system(const char *root, const char *path);
/* Returns the program that executes a script, by its first line: an absolute path, for the caller to
 * free. If that is env, the program that env executes. NULL: the file is no executable script, or env
 * looks for an interpreter of the operating system. root: NULL or a directory. */
char *script_interpreter(const char *root, int dir_fd, const char *name);
