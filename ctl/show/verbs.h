/* SPDX-License-Identifier: MIT */
/* The verbs that print. Each takes the arguments after the verb, NULL-terminated, and returns a
 * Result. */
#pragma once

int ctl_overview(char **names);
int ctl_status(char **names);
int ctl_plan(char **names);
int ctl_check(char **names);
int ctl_history(char **names);
int ctl_backups(char **names);
