/* SPDX-License-Identifier: MIT */
/* Keeps lists of problems. Prints nothing. */
#include "declare/problem.h"

#include "basic/utf8.h"

/* The kernel's log has lines of less than 1 KiB, including the path and the program's name. */
#define TEXT_HEAD 350
#define TEXT_TAIL 250

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Cuts a long text in the middle. Returns 0 or -ENOMEM. */
static int clip(char **text)
{
    size_t length = strlen(*text), head = TEXT_HEAD, tail;

    if (length <= TEXT_HEAD + TEXT_TAIL)
        return 0;
    tail = length - TEXT_TAIL;
    while (head > 0 && is_continuation((*text)[head]))
        head--;
    while (is_continuation((*text)[tail]))
        tail++;
    return strreplacef(text, "%.*s…%s", (int)head, *text, *text + tail);
}

void problem_add(Problems *problems, Origin origin, const char *format, ...)
{
    Problem problem = {.line = origin.line}, *added = NULL;
    va_list ap;
    int r;

    if (problems_full(problems))
        return;
    if (problems->n_items == PROBLEMS_MAX) {
        problem.text = strprintf("more than %d problems: fix these first", PROBLEMS_MAX);
        r = problem.text ? 0 : -ENOMEM;
    } else {
        va_start(ap, format);
        r = vasprintf(&problem.text, format, ap);
        va_end(ap);
        if (r < 0)
            problem.text = NULL;
        else
            r = clip(&problem.text);
    }
    problem.file = origin.file ? strdup(origin.file) : NULL;
    if (r >= 0 && (problem.file || !origin.file))
        added = ARRAY_GROW(problems->items, problems->n_items);
    if (!added) {
        problems->failed = true; /* even if memory runs out, the declaration is invalid */
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

bool problems_full(const Problems *problems)
{
    return problems->n_items > PROBLEMS_MAX;
}

void problems_free(Problems *problems)
{
    ITEMS_FOREACH (problem, problems) {
        free(problem->file);
        free(problem->text);
    }
    free(problems->items);
    *problems = (Problems){};
}

char *problem_format(const Problem *problem)
{
    _cleanup_string_ String s = {};
    char *text;

    if (problem->file) /* a file name can contain any byte */
        string_append_escaped(&s, problem->file, "");
    if (problem->file && problem->line > 0)
        string_appendf(&s, ":%u", problem->line);
    if (problem->file)
        string_append(&s, ": ");
    string_append_escaped(&s, problem->text, "");
    return string_finish(&s, &text) < 0 ? NULL : text;
}
