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
/* Returns the interpreter in the first line of a script, for the caller to free; NULL: none.
 * *ret_command, which may be NULL, is set if the interpreter is env: to the name of a program that is
 * not an interpreter of the operating system. */
char *script_interpreter(int dir_fd, const char *name, char **ret_command);
/* Returns why a binary cannot be executed from the directory origin below root: a sentence about its
 * loader or one of its own libraries, for the caller to free. NULL: nothing is known to be missing. */
char *program_lacks(const char *root, int dir_fd, const char *name, const char *origin);
/* Returns where a binary looks for libraries first, for the caller to free; NULL: nowhere. */
char *program_runpath(const char *path);
