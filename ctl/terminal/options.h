/* SPDX-License-Identifier: MIT */
/* migratectl's command line: its options. main.c has the verbs, and which options go with which. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum JsonMode { JSON_OFF, JSON_SHORT, JSON_PRETTY } JsonMode;

/* The command line. */
typedef struct Options {
    char *root; /* without a slash at the end; NULL: the running system */
    JsonMode json;
    bool no_pager, no_legend, quiet, all, force, dry_run, yes, revoke, full, keep, stop;
    size_t lines; /* --lines=; 0: all */
    const char *from, *reason;
    const char *host, *machine; /* where migratectl is to run; NULL: here */
    char **given;               /* the options for there */
} Options;

extern Options options;

/* Reads the options into "options"; the arguments are at argv + optind then. -1: go on; else the
 * exit status: --help and --version are done, or something is wrong, which is said. */
int options_parse(int argc, char **argv);
/* Frees what that has allocated. */
void options_free(void);
