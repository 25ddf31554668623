/* SPDX-License-Identifier: MIT */
/* The verbs as a table, and the help that is made from it. */
#pragma once

#include "terminal/options.h"

typedef struct Verb {
    const char *name;
    const char *arguments; /* as usage has them */
    unsigned min, max;     /* arguments */
    unsigned takes;        /* Takes */
    bool reads;            /* it prints what can be long, so a pager shows it */
    int (*run)(char **names);
    const char *help;
} Verb;

/* Prints the help of all verbs; the last one has no name. */
void help_print(const Verb *verbs);
/* Prints the help of one verb. */
void help_print_verb(const Verb *verb);
