/* SPDX-License-Identifier: MIT */
/* The verbs of the helper. Each verb takes its arguments, NULL-terminated; the first is a valid
 * service name. Each verb logs what happened and returns a Result, or returns RESULT_USAGE if an
 * argument is not valid. */
#pragma once

#include "basic/util.h"

/* Recovers, finds the state, plans and migrates, for migrate@NAME.service. run.c. */
int verb_run(char **arguments) _must_check_;

/* Does the work after the service has started, for migrate-post@NAME.service. post.c. */
int verb_post(char **arguments) _must_check_;

/* Recovers a transaction that was cut off, and removes the remains of a rehearsal. For migratectl.
 * run.c. */
int verb_settle(char **arguments) _must_check_;
/* The same before a start under Policy=manual, which no run of verb_run() precedes. Also asks
 * Detect= after a change of the declared version. For migrate-settle@NAME.service. run.c. */
int verb_settle_declared(char **arguments) _must_check_;

/* Checks whether a pending migration could run, for migratectl check: looks at consent, space and
 * users of the state, and runs every Check= of the plan. Changes nothing except that it recovers a
 * transaction that was cut off. With the argument "report", writes the refusal as a record to
 * REPORT_FD. check.c. */
int verb_check(char **arguments) _must_check_;

/* Records the version that the second argument names, or that Detect= finds. For migratectl
 * adopt and enable. verb_adopt_forced(): Detect= may contradict the version. adopt.c. */
int verb_adopt(char **arguments) _must_check_;
int verb_adopt_forced(char **arguments) _must_check_;

/* Forgets a state that is gone, for migratectl forget. With an id, forgets a backup of which
 * something is missing. forget.c. */
int verb_forget(char **arguments) _must_check_;

/* Removes backups of the named services that are not needed any more; without names, of all
 * services. prune.c. */
int verb_prune(char **arguments) _must_check_;
/* Removes what is left of a backup, for verb_forget(). Returns a Result. prune.c. */
int prune_forget(const char *name, const char *id) _must_check_;

/* Makes provisional migrations final. boot_complete: all, for migrate-boot-complete.service, since
 * the boot was found good; or only NAME's, for migratectl start, since an operator uses the system.
 * boot_used: all, for migrate-boot-used.service, since the system has been in use. boot.c. */
int verb_boot_complete(char **arguments) _must_check_;
int verb_boot_used(char **arguments) _must_check_;
