/* SPDX-License-Identifier: MIT */
/* Collects the problems of declarations. Each is one line, "file:line: the mistake: the
 * correction". */
#pragma once

#include "basic/util.h"

/* The number of problems that are kept. Further problems appear when these are fixed. */
#define PROBLEMS_MAX 50

/* The position of a setting. file is borrowed from the declaration. */
typedef struct Origin {
    const char *file;
    unsigned line; /* counted from 1; 0: the whole file */
} Origin;

typedef struct Problem {
    char *file; /* NULL: the problem belongs to no file */
    unsigned line;
    char *text;
} Problem;

typedef struct Problems {
    Problem *items;
    size_t n_items;
    bool failed; /* memory ran out, so problems are missing */
} Problems;

/* Appends a problem. If the text is very long, keeps its beginning and its end. */
void problem_add(Problems *problems, Origin origin, const char *format, ...) _printf_(3, 4);
bool problems_any(const Problems *problems);
/* Are there more than PROBLEMS_MAX problems? */
bool problems_full(const Problems *problems);
void problems_free(Problems *problems);
/* Formats a problem as "file:line: text", or "text" without a file, on one line: see
 * string_append_escaped(). The caller owns the string; NULL: out of memory. */
char *problem_format(const Problem *problem) _must_check_;
