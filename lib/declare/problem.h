/* SPDX-License-Identifier: MIT */
/* What is wrong with declarations: one clear line each, "file:line: what is wrong". */
#pragma once

#include "basic/util.h"

/* So many are kept; whoever has mended these can ask for the rest. */
#define PROBLEMS_MAX 50

/* Where a setting stands. The file name is borrowed from the declaration that was read. */
typedef struct Origin {
    const char *file;
    unsigned line; /* from 1; 0: the file as a whole */
} Origin;

typedef struct Problem {
    char *file; /* NULL: no file in particular */
    unsigned line;
    char *text;
} Problem;

typedef struct Problems {
    Problem *items;
    size_t n_items;
    bool failed; /* memory was short: there are more than are listed */
} Problems;

/* Of a very long text, beginning and end are kept: what was written and what is wrong with it. */
void problem_add(Problems *problems, Origin origin, const char *format, ...) _printf_(3, 4);
bool problems_any(const Problems *problems);
/* There are more than are kept. */
bool problems_full(const Problems *problems);
void problems_free(Problems *problems);
/* "file:line: text", or "text" where there is no file; the caller owns it. One line: what would
 * break it, or is not UTF-8, is written as "\x0a". NULL: out of memory. */
char *problem_format(const Problem *problem) _must_check_;
