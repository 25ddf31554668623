/* SPDX-License-Identifier: MIT */
/* migratectl: what its files share. The verbs, one function each; a Result is what they return. */
#pragma once

#include "declare/declaration.h"
#include "basic/result.h"

/* Ended by Ctrl-C, as shells have it. What was going on inside systemd goes on there. */
#define STATUS_INTERRUPTED 130

typedef enum JsonMode { JSON_OFF, JSON_SHORT, JSON_PRETTY } JsonMode;

/* The command line. */
typedef struct Options {
    char *root; /* without a slash at the end; NULL: the running system */
    JsonMode json;
    bool no_pager, no_legend, quiet, all, force, dry_run, yes, revoke, full, keep, stop;
    size_t lines; /* --lines=; 0: all */
    const char *from, *reason;
    const char *host, *machine; /* where all of it is to be done; NULL: here */
    char **given;               /* the options for there */
} Options;

extern Options options;

/* names: what stood behind the verb, NULL-terminated. */
int ctl_overview(char **names);
int ctl_status(char **names);
int ctl_plan(char **names);
int ctl_check(char **names);
int ctl_enable(char **names);
int ctl_adopt(char **names);
int ctl_approve(char **names);
int ctl_defer(char **names);
int ctl_resume(char **names);
int ctl_start(char **names);
int ctl_retry(char **names);
int ctl_rehearse(char **names);
int ctl_history(char **names);
int ctl_backups(char **names);
int ctl_prune(char **names);
int ctl_restore(char **names);
int ctl_forget(char **names);

/* What several verbs begin with. */

/* Reads all declarations; says why if it cannot. RESULT_DONE or RESULT_FAILED. */
int read_declarations(Declarations *ret) _must_check_;
/* Says that nothing declares NAME, which is RESULT_REFUSED. */
int refuse_undeclared(const char *name);
/* Prints what is wrong with a declaration; RESULT_INVALID. */
int refuse_invalid(const Declaration *declaration);
/* Reads all declarations, and finds a valid one of that name, which ret_declarations owns.
 * RESULT_DONE, or why not, which is said. */
int find_declaration(const char *name, Declarations *ret_declarations,
                     const Declaration **ret) _must_check_;
/* Says that the store of NAME cannot be opened, which is RESULT_FAILED. error: store_open()'s. */
int refuse_store(const char *name, int error);
/* RESULT_DONE for root; RESULT_FAILED for others, which is said. */
int require_root(const char *verb) _must_check_;
