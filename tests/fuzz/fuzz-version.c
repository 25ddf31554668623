/* SPDX-License-Identifier: MIT */
/* Any bytes for versions and for comparisons, a line each. Any versions have an order, and a
 * comparison holds for exactly the versions that it names. */
#include "fuzz.h"
#include "declare/version.h"

#define LINES_MAX 8

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void check_order(char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        MUST(version_compare(lines[i], lines[i]) == 0);
        for (size_t j = 0; j < n; j++)
            MUST(sign(version_compare(lines[i], lines[j])) ==
                 -sign(version_compare(lines[j], lines[i])));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                MUST(version_compare(lines[i], lines[j]) > 0 ||
                     version_compare(lines[j], lines[k]) > 0 ||
                     version_compare(lines[i], lines[k]) <= 0);
}

static bool holds(const VersionTest *test, const char *version)
{
    int r = version_compare(version, test->version);

    return test->op == VERSION_EQUAL           ? r == 0
           : test->op == VERSION_UNEQUAL       ? r != 0
           : test->op == VERSION_LESS          ? r < 0
           : test->op == VERSION_LESS_EQUAL    ? r <= 0
           : test->op == VERSION_GREATER       ? r > 0
           : test->op == VERSION_GREATER_EQUAL ? r >= 0
                                               : false;
}

static char *range_text(const VersionRange *range)
{
    static const char *const operators[] = {
        [VERSION_EQUAL] = "=",       [VERSION_UNEQUAL] = "!=", [VERSION_LESS] = "<",
        [VERSION_LESS_EQUAL] = "<=", [VERSION_GREATER] = ">",  [VERSION_GREATER_EQUAL] = ">=",
    };
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < range->n_tests; i++)
        string_appendf(&s, "%s%s ", operators[range->tests[i].op], range->tests[i].version);
    MUST(string_finish(&s, &text) == 0);
    return text;
}

static void check_range(const char *line, char *const *lines, size_t n)
{
    _cleanup_(version_range_free) VersionRange range = {}, again = {};
    _cleanup_free_ char *word = NULL, *text = NULL;
    int r = version_range_parse(line, &range, &word);

    MUST(r == (word ? -EINVAL : 0) && (r == 0) == (range.n_tests > 0));
    if (r < 0)
        return;
    text = range_text(&range);
    MUST(version_range_parse(text, &again, &word) == 0 && again.n_tests == range.n_tests);
    for (size_t i = 0; i < range.n_tests; i++)
        MUST(version_is_valid(range.tests[i].version) && again.tests[i].op == range.tests[i].op &&
             streq(again.tests[i].version, range.tests[i].version));
    for (size_t i = 0; i < n; i++) {
        bool all = true;

        for (size_t j = 0; j < range.n_tests; j++)
            all = all && holds(range.tests + j, lines[i]);
        MUST(version_range_holds(&range, lines[i]) == all);
    }
    MUST(!version_range_exact(&range) || version_range_holds(&range, version_range_exact(&range)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzPart part = {.data = (const char *)data, .size = size};
    char *lines[LINES_MAX];
    size_t n = 0;

    while (n < LINES_MAX && (lines[n] = fuzz_line(&part)))
        n++;
    check_order(lines, n);
    for (size_t i = 0; i < n; i++)
        check_range(lines[i], lines, n);
    for (size_t i = 0; i < n; i++)
        free(lines[i]);
    return 0;
}
