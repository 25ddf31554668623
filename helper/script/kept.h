/* SPDX-License-Identifier: MIT */
/* Shows waybacks to a script that is in one, or has an argument in one. */
#pragma once

#include "script/script.h"

/* The waybacks that are shown to one command. */
typedef struct KeptTrees {
    SandboxTree *trees; /* read-only, each at its own path */
    size_t n_trees;
    char **hidden; /* hidden paths of the command; with a wayback, the rest of the store, too */
} KeptTrees;

/* Finds the waybacks that argv names. The caller calls kept_trees_free() in any case. 0 or a
 * negative errno. */
int kept_trees_find(const ScriptContext *context, char *const *argv, KeptTrees *ret) _must_check_;
void kept_trees_free(KeptTrees *kept);
