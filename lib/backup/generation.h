/* SPDX-License-Identifier: MIT */
/* The declarations of all installed generations: the running system and, on NixOS, the systems that
 * can be booted or switched to. */
#pragma once

#include "declare/declaration.h"

typedef struct Generation {
    char *path; /* its root; "" is the running system, which comes first */
    Declarations declarations;
} Generation;

typedef struct Generations {
    Generation *items;
    size_t n_items;
    char *unreadable; /* why its declarations cannot be read; NULL: they can */
} Generations;

/* Reads all of them. root: of the running system, NULL for "/". 0, or a negative errno if even the
 * generations cannot be listed. */
int generations_read(const char *root, Generations *ret) _must_check_;
void generations_free(Generations *generations);

/* The running system's declaration of NAME, or NULL. */
const Declaration *generations_running(const Generations *generations, const char *name);

/* The versions that they declare for NAME (Version=, Accepts=), each once. 0, 1 if these are not
 * known (*reterr_what, owned by the caller, has the reason), or a negative errno. */
int generations_versions(const Generations *generations, const char *name, char ***ret,
                         char **reterr_what) _must_check_;
