/* SPDX-License-Identifier: MIT */
/* Showing to a script what was kept in STORE/applied, in which it or its arguments lie. */
#pragma once

#include "script/script.h"

/* Room for what is shown to one command. */
typedef struct KeptTrees {
    SandboxTree *trees; /* read-only, each at its own path */
    size_t n_trees;
    char **hidden; /* what has to be hidden then: all the rest of the store */
} KeptTrees;

/* Finds which of them argv names. 0 or a negative errno; kept_trees_free() in any case. */
int kept_trees_find(const ScriptContext *context, char *const *argv, KeptTrees *ret) _must_check_;
void kept_trees_free(KeptTrees *kept);
