/* SPDX-License-Identifier: MIT */
/* Problems of declarations: each is one line, "file:line: what is wrong: what to write instead". */
#pragma once

#include "basic/util.h"

/* More problems are not kept; they show when these are fixed. */
#define PROBLEMS_MAX 50

/* Where a setting was written. file is borrowed from the declaration. */
typedef struct Origin {
    const char *file;
    unsigned line; /* from 1; 0: the whole file */
} Origin;

typedef struct Problem {
    char *file; /* NULL: no file in particular */
    unsigned line;
    char *text;
} Problem;

typedef struct Problems {
    Problem *items;
    size_t n_items;
    bool failed; /* memory was short: not all are listed */
} Problems;

/* Appends a problem. A very long text keeps its beginning and its end. */
void problem_add(Problems *problems, Origin origin, const char *format, ...) _printf_(3, 4);
bool problems_any(const Problems *problems);
/* Are there more problems than are kept? */
bool problems_full(const Problems *problems);
void problems_free(Problems *problems);
/* "file:line: text", or "text" without a file, on one line: see string_append_escaped(). The caller
 * owns it; NULL: out of memory. */
char *problem_format(const Problem *problem) _must_check_;
