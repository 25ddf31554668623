/* SPDX-License-Identifier: MIT */
/* The verbs that print and change nothing. Each takes the arguments after the verb,
 * NULL-terminated, and returns a Result. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

int ctl_overview(char **names);
int ctl_status(char **names);
int ctl_plan(char **names);
int ctl_check(char **names);
int ctl_cat(char **names);
int ctl_log(char **names);
int ctl_history(char **names);
int ctl_backups(char **names);

/* Print services that have been read, for overview, status and plan. */
Result overview_show(const Looked *looked);
Result status_show(const Looked *looked, bool detailed);
Result plan_show(const Service *service);

/* Prints the plan of the service: versions, steps with their files, warnings and commands, the
 * space that the clone needs, and the approval. */
void plan_print(const Service *service);
/* Returns a sentence for each file that the way back will need and that is not kept; with --root=,
 * none. The caller frees the list. */
char **plan_way_back_needs(const Service *service);
/* Prints why there is no plan. Returns RESULT_DONE if there is nothing to do, otherwise the Result
 * of the obstacle. */
int plan_explain_none(const Service *service);
/* Describes the plan: "the migration from 1 to 2", "bringing back the backup …, at version 1,". The
 * caller owns the string; NULL: out of memory. */
char *plan_describe(const Service *service) _must_check_;

typedef struct Findings {
    json_object *list; /* for --json= */
    size_t n_errors, n_warnings;
} Findings;

/* Prints the verdict of a service, and adds it to findings, if there is an obstacle or systemd has
 * not read the declaration. helper is the Result of the helper's check, or RESULT_DONE without a
 * check. Returns the Result for this service. */
Result check_show(const Service *service, Result helper, Findings *findings);
