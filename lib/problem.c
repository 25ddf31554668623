/* SPDX-License-Identifier: MIT */
/* Lists of what is wrong. Prints nothing: whoever asked knows where to say it. */
#include "problem.h"

void problem_add(Problems *problems, Origin origin, const char *format, ...)
{
    Problem problem = {.line = origin.line}, *added;
    va_list ap;
    int r;

    va_start(ap, format);
    r = vasprintf(&problem.text, format, ap);
    va_end(ap);
    if (r < 0)
        problem.text = NULL;
    problem.file = origin.file ? strdup(origin.file) : NULL;
    added = problem.text && (problem.file || !origin.file)
                ? ARRAY_GROW(problems->items, problems->n_items)
                : NULL;
    if (!added) {
        problems->failed = true; /* a problem that cannot be told still is one */
        free(problem.text);
        free(problem.file);
        return;
    }
    *added = problem;
}

bool problems_any(const Problems *problems)
{
    return problems->failed || problems->n_items > 0;
}

void problems_free(Problems *problems)
{
    for (size_t i = 0; i < problems->n_items; i++) {
        free(problems->items[i].file);
        free(problems->items[i].text);
    }
    free(problems->items);
    *problems = (Problems){};
}

char *problem_format(const Problem *problem)
{
    if (!problem->file)
        return strdup(problem->text);
    if (problem->line == 0)
        return strprintf("%s: %s", problem->file, problem->text);
    return strprintf("%s:%u: %s", problem->file, problem->line, problem->text);
}
