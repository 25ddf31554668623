/* SPDX-License-Identifier: MIT */
/* Makes gates: the targets whose assertions must hold before a service starts. The generator writes
 * them; the helper and migratectl compare them with the gates that systemd has loaded. */
#pragma once

#include "basic/util.h"
#include "declare/declaration.h"

/* The gate of a service. The gate of an invalid declaration never opens. */
typedef struct Gate {
    char *name;       /* name of the target: "migrated@NAME-VERSION-HASH.target" */
    char *assertions; /* assertions as lines for [Unit] */
} Gate;

void gate_free(Gate *gate);
/* Makes the gate of an enabled declaration. Returns 0 or -ENOMEM. */
int gate_make(const Declaration *declaration, Gate *ret) _must_check_;
/* Makes the gate of OldUnit=, open until the state leaves its version. Returns 0 or -ENOMEM. */
int gate_make_old(const Declaration *declaration, Gate *ret) _must_check_;

/* Appends a path for a condition, with "%" doubled. The path must be the last text on its line. */
void append_condition_path(String *s, const char *path);
/* Appends one line for each stamp. The line holds if the stamp is accepted or the state is fresh.
 * The alternatives are in braces, because systemd would combine lines with "|" with the lines of
 * other drop-ins. */
void append_stamp_globs(String *s, const char *prefix, const Declaration *declaration);
