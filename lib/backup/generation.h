/* SPDX-License-Identifier: MIT */
/* What the installed generations of the system declare: the running system and, on NixOS, whatever
 * could be switched or booted into. */
#pragma once

#include "declare/declaration.h"

typedef struct Generation {
    char *path; /* its root; "" is the running system, which comes first */
    Declarations declarations;
} Generation;

typedef struct Generations {
    Generation *items;
    size_t n_items;
    char *unreadable; /* a sentence about one that is there but cannot be read; NULL: all are */
} Generations;

/* Reads them all. root: of the running system, NULL for "/". 0, or a negative errno when even that
 * could not be found out. */
int generations_read(const char *root, Generations *ret) _must_check_;
void generations_free(Generations *generations);

/* What the running system declares for NAME, or NULL. */
const Declaration *generations_running(const Generations *generations, const char *name);

/* The versions that any of them declares for NAME, with Version= or Accepts=, each once. 0, 1 if
 * that cannot be told (*reterr_what, the caller's, says why), or a negative errno. */
int generations_versions(const Generations *generations, const char *name, char ***ret,
                         char **reterr_what) _must_check_;
