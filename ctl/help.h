/* SPDX-License-Identifier: MIT */
/* The table of verbs, and the help that is printed from the table. */
#pragma once

#include "terminal/options.h"

typedef struct Verb {
    const char *name;
    const char *arguments; /* as printed in the usage line */
    unsigned min, max;     /* number of arguments */
    unsigned takes;        /* Takes: the options of this verb */
    bool reads;            /* the output can be long, so a pager shows it */
    int (*run)(char **names);
    const char *help;
} Verb;

/* Prints the help of all verbs. The last row of verbs has no name. */
void help_print(const Verb *verbs);
/* Prints the help of one verb. */
void help_print_verb(const Verb *verb);
