/* SPDX-License-Identifier: MIT */
/* The verbs that print and change nothing. Each takes the arguments after the verb,
 * NULL-terminated, and returns a Result. */
#pragma once

#include "look/looked.h"

int ctl_overview(char **names);
int ctl_status(char **names);
int ctl_plan(char **names);
int ctl_check(char **names);
int ctl_history(char **names);
int ctl_backups(char **names);

/* Print services that have been read, for overview, status and plan. */
Result overview_show(const Looked *looked);
Result status_show(const Looked *looked, bool detailed);
Result plan_show(const Service *service);
