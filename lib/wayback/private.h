/* SPDX-License-Identifier: MIT */
/* Shared by the files of wayback/. */
#pragma once

#include "wayback/record.h"
#include "wayback/wayback.h"

/* The commands of a [Down] section. */
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

/* A fingerprint of the copy with that name; the caller owns it. 0 or a negative errno. copy.c. */
int applied_describe_copy(int dir_fd, const char *name, char **ret) _must_check_;
/* Why the copy of a file cannot be used, as the end of a sentence; NULL: it can. */
const char *applied_copy_is_bad(int dir_fd, const WaybackFile *file);
