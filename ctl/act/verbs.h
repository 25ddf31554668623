/* SPDX-License-Identifier: MIT */
/* The verbs that change something. Each takes the arguments after the verb, NULL-terminated, and
 * returns a Result or STATUS_INTERRUPTED. */
#pragma once

int ctl_new(char **names);
int ctl_enable(char **names);
int ctl_disable(char **names);
int ctl_adopt(char **names);
int ctl_approve(char **names);
int ctl_defer(char **names);
int ctl_resume(char **names);
int ctl_start(char **names);
int ctl_retry(char **names);
int ctl_rehearse(char **names);
int ctl_prune(char **names);
int ctl_restore(char **names);
int ctl_forget(char **names);
