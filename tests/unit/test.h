/* SPDX-License-Identifier: MIT */
/* A unit test is a program that prints TAP: one line for each check, so that checks can be
 * counted. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests_run, tests_failed;

#define OK(condition, ...)                                                                         \
    do {                                                                                           \
        int _ok = !!(condition);                                                                   \
        tests_failed += !_ok;                                                                      \
        printf("%sok %d - ", _ok ? "" : "not ", ++tests_run);                                      \
        printf(__VA_ARGS__);                                                                       \
        putchar('\n');                                                                             \
        if (!_ok)                                                                                  \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);                               \
        fflush(stdout);                                                                            \
    } while (0)

#define SKIP(...)                                                                                  \
    do {                                                                                           \
        printf("ok %d - # SKIP ", ++tests_run);                                                    \
        printf(__VA_ARGS__);                                                                       \
        putchar('\n');                                                                             \
    } while (0)

static inline int tests_done(void)
{
    printf("1..%d\n", tests_run);
    return tests_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
