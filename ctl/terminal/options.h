/* SPDX-License-Identifier: MIT */
/* The options of migratectl. main.c has the verbs, each with the options that it takes. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* An option that not every verb takes. */
typedef enum Takes {
    TAKES_ROOT = 1 << 0,
    TAKES_JSON = 1 << 1,
    TAKES_FROM = 1 << 2,
    TAKES_REASON = 1 << 3,
    TAKES_REVOKE = 1 << 4,
    TAKES_ALL = 1 << 5,
    TAKES_KEEP = 1 << 6,
    TAKES_STOP = 1 << 7,
    TAKES_FORCE = 1 << 8,
    TAKES_YES = 1 << 9,
    TAKES_DRY_RUN = 1 << 10,
    TAKES_LINES = 1 << 11,
} Takes;

/* A row of the table of options, from which --help is made. */
typedef struct Option {
    char letter; /* 0: it has none */
    const char *name;
    const char *argument; /* what --help calls it; NULL: there is none */
    unsigned takes;       /* 0: every verb takes the option */
    const char *help;
    /* Which of these is not NULL says where the option goes. */
    bool *flag;
    const char **text;
    Result (*parse)(const char *argument); /* RESULT_DONE or RESULT_USAGE, which is said */
} Option;

/* The last one has no name. */
extern const Option option_table[];

typedef enum JsonMode { JSON_OFF, JSON_SHORT, JSON_PRETTY } JsonMode;

/* The command line. Strings that are const are borrowed from it. */
typedef struct Options {
    unsigned given; /* Takes: the options that were given */
    char *root;     /* without a slash at the end; NULL: the running system */
    JsonMode json;
    bool no_pager, no_legend, quiet, all, force, dry_run, yes, revoke, full, keep, stop;
    bool help, version;
    size_t lines; /* --lines=; 0: all */
    const char *from, *reason;
    const char *host, *machine; /* where migratectl runs; NULL: here */
    char **elsewhere;           /* the options for the other side */
} Options;

extern Options options;

/* Reads the options into "options"; then the arguments are at argv + optind. RESULT_DONE, or
 * RESULT_USAGE or RESULT_FAILED, which is said. */
Result options_parse(int argc, char **argv) _must_check_;
/* Frees what options_parse() has allocated. */
void options_free(void);
