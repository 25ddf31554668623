/* SPDX-License-Identifier: MIT */
/* Gates: what a service asserts before it starts, as lines for a unit, and the name of the gate
 * that asserts it. The generator writes them down; whoever asks systemd which it has loaded
 * compares. */
#pragma once

#include "declare/declaration.h"

/* What has to be true for the service to start; of an invalid declaration, what never is. */
typedef struct Gate {
    char *name;       /* "migrated@NAME-VERSION-HASH.target" */
    char *assertions; /* lines for [Unit] */
} Gate;

void gate_free(Gate *gate);
/* Of a declaration that is enabled. 0 or -ENOMEM. */
int gate_make(const Declaration *declaration, Gate *ret) _must_check_;
/* The same for units of older software (OldUnit=), which may run until the state has moved on. */
int gate_make_old(const Declaration *declaration, Gate *ret) _must_check_;

/* A path in a condition: a single value that runs to the line's end, '%' being a specifier. */
void append_condition_path(String *s, const char *path);
/* One line a place of a stamp that holds when that is one that is accepted, or when the state is
 * fresh: alternatives in braces, since "|" lines would be OR-ed with those of other drop-ins. */
void append_stamp_globs(String *s, const char *prefix, const Declaration *declaration);
