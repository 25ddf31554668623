/* SPDX-License-Identifier: MIT */
/* Gates: the assertions that must hold before a service starts, and the name of the target that has
 * them. The generator writes them; the helper and migratectl compare them with the gates that
 * systemd has loaded. */
#pragma once

#include "basic/util.h"
#include "declare/declaration.h"

/* The gate of a service; the gate of an invalid declaration never opens. */
typedef struct Gate {
    char *name;       /* "migrated@NAME-VERSION-HASH.target" */
    char *assertions; /* lines for [Unit] */
} Gate;

void gate_free(Gate *gate);
/* Makes the gate of an enabled declaration. 0 or -ENOMEM. */
int gate_make(const Declaration *declaration, Gate *ret) _must_check_;
/* The same for OldUnit=, which may run until the state has moved on. */
int gate_make_old(const Declaration *declaration, Gate *ret) _must_check_;

/* Appends a path for a condition, whose value runs to the end of the line, with '%' doubled. */
void append_condition_path(String *s, const char *path);
/* Appends one line for each stamp, which holds where the stamp is accepted or the state is fresh.
 * The alternatives are in braces, since systemd would OR lines with "|" with those of other
 * drop-ins. */
void append_stamp_globs(String *s, const char *prefix, const Declaration *declaration);
