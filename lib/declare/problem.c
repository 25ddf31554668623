/* SPDX-License-Identifier: MIT */
/* Lists of what is wrong. Prints nothing: whoever asked knows where to say it. */
#include "declare/problem.h"

/* The kernel's buffer takes lines of less than 1 KiB, path and program's name included. */
#define TEXT_HEAD 350
#define TEXT_TAIL 250

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_character(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c;

    if (length == 1)
        return p[0] ? 1 : 0;
    if (length == 0 || p[0] >= 0xf8)
        return 0;
    c = p[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(s[i]))
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ||
        (c >= 0xfdd0 && c < 0xfdf0) || (c & 0xfffe) == 0xfffe)
        return 0;
    return length;
}

/* 0 or -ENOMEM. */
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
        problem.text = strprintf("and so on: more than %d things are wrong", PROBLEMS_MAX);
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

bool problems_full(const Problems *problems)
{
    return problems->n_items > PROBLEMS_MAX;
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

/* File names can hold anything. */
static char *escape(const char *s)
{
    _cleanup_string_ String escaped = {};
    char *text;

    while (*s) {
        size_t length = utf8_character(s);

        if (length == 0 || ((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f) {
            string_appendf(&escaped, "\\x%02x", (unsigned char)*s++);
            continue;
        }
        string_appendf(&escaped, "%.*s", (int)length, s);
        s += length;
    }
    return string_finish(&escaped, &text) < 0 ? NULL : text;
}

char *problem_format(const Problem *problem)
{
    _cleanup_free_ char *text = NULL;

    if (!problem->file)
        text = strdup(problem->text);
    else if (problem->line == 0)
        text = strprintf("%s: %s", problem->file, problem->text);
    else
        text = strprintf("%s:%u: %s", problem->file, problem->line, problem->text);
    return text ? escape(text) : NULL;
}
