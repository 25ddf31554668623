/* SPDX-License-Identifier: MIT */
/* The options of migratectl. main.c has the verbs and the options that each verb takes. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* The options that only some verbs take. */
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
    TAKES_FOLLOW = 1 << 12,
} Takes;

/* A row of the table of options. --help is printed from the table. */
typedef struct Option {
    char letter; /* 0: no short option */
    const char *name;
    const char *argument; /* the argument's name in --help; NULL: the option takes none */
    unsigned takes;       /* Takes; 0: every verb takes the option */
    const char *help;
    /* Exactly one of these is not NULL, and receives the option. */
    bool *flag;
    const char **text;
    Result (*parse)(const char *argument); /* returns RESULT_DONE, or RESULT_USAGE after printing
                                            * the reason */
} Option;

/* The last row has no name. */
extern const Option option_table[];

typedef enum JsonMode { JSON_OFF, JSON_SHORT, JSON_PRETTY } JsonMode;

/* The command line. const strings are borrowed from it. */
typedef struct Options {
    unsigned given; /* Takes: the options that were given */
    char *root;     /* --root= without a slash at the end; NULL: the running system */
    JsonMode json;
    bool no_pager, no_legend, quiet, all, force, dry_run, yes, revoke, full, keep, stop, follow;
    bool help, version;
    size_t lines; /* --lines=; 0: all */
    const char *from, *reason;
    const char *host, *machine; /* the system on which migratectl runs; NULL: this one */
    char **elsewhere;           /* the options to pass to the other system */
} Options;

extern Options options;

/* Reads the options into "options". Afterwards the arguments begin at argv + optind. Returns
 * RESULT_DONE; or RESULT_USAGE or RESULT_FAILED after printing the reason. */
Result options_parse(int argc, char **argv) _must_check_;
/* Frees what options_parse() has allocated. */
void options_free(void);
