/* SPDX-License-Identifier: MIT */
/* Reads the declarations of all installed generations: the running system and, on NixOS, the
 * systems that can be booted or switched to. */
#pragma once

#include "declare/declaration.h"

typedef struct Generation {
    char *path; /* root of the generation; "": the running system, always first */
    Declarations declarations;
} Generation;

typedef struct Generations {
    Generation *items;
    size_t n_items;
    char *unreadable; /* why a generation cannot be read; NULL: all were read */
} Generations;

/* Reads the declarations of all generations. root: the root directory of the running system; NULL:
 * "/". The caller frees *ret. 0 or a negative errno. */
int generations_read(const char *root, Generations *ret) _must_check_;
void generations_free(Generations *generations);

/* Returns the running system's declaration of NAME. Borrowed; NULL: there is none. */
const Declaration *generations_running(const Generations *generations, const char *name);

/* Lists the versions that the generations declare for NAME (Version=, Accepts=), each once. 0; 1 if
 * the versions are unknown (*reterr_what, owned by the caller, has the reason); or a negative
 * errno. */
int generations_versions(const Generations *generations, const char *name, char ***ret,
                         char **reterr_what) _must_check_;
