/* SPDX-License-Identifier: MIT */
/* The helper's verbs. Each takes the arguments after the verb, NULL-terminated, of which the first is
 * a valid name. It returns a Result and has logged what happened; RESULT_USAGE: an argument is not
 * valid. */
#pragma once

#include "basic/util.h"

/* migrate@NAME.service: settles, finds out where the state is, plans, migrates. run.c. */
int verb_run(char **arguments) _must_check_;

/* migrate-post@NAME.service: after the service has started. post.c. */
int verb_post(char **arguments) _must_check_;

/* For migratectl: settles what a crash left behind, nothing else. run.c. */
int verb_settle(char **arguments) _must_check_;

/* For migratectl check: could what is pending run? Looks at consent, space and who uses the state,
 * and runs every Check= of the plan; says what would keep it from running. Changes nothing but what
 * a crash left behind, which is settled. With "report", writes the refusal, a record, to
 * REPORT_FD instead of the log. check.c. */
int verb_check(char **arguments) _must_check_;

/* For migratectl adopt and enable: the version, given or (NULL) detected, is recorded;
 * force: also where Detect= says otherwise. adopt.c. */
int verb_adopt(char **arguments) _must_check_;
int verb_adopt_forced(char **arguments) _must_check_;

/* For migratectl forget: nothing is remembered of a state that is gone. forget.c. */
int verb_forget(char **arguments) _must_check_;

/* Removes backups that are not needed any more, of the services named, or (none) of all. prune.c.
 */
int verb_prune(char **arguments) _must_check_;

/* migrate-boot-complete.service: the boot is good, and with it what was migrated. boot.c. */
int verb_boot_complete(char **arguments) _must_check_;
