/* SPDX-License-Identifier: MIT */
/* What the helper does, one function a verb. Each returns a Result and has logged what happened. */
#pragma once

#include "basic/util.h"

/* migrate@NAME.service: settles, finds out where the state is, plans, migrates. run.c. */
int verb_run(const char *name) _must_check_;

/* migrate-post@NAME.service: after the service has started. post.c. */
int verb_post(const char *name) _must_check_;

/* For migratectl: settles what a crash left behind, nothing else. run.c. */
int verb_settle(const char *name) _must_check_;

/* For migratectl check: could what is pending run? Looks at consent, space and who uses the state,
 * and runs every Check= of the plan; says what would keep it from running. Changes nothing but what
 * a crash left behind, which is settled. check.c. */
int verb_check(const char *name) _must_check_;

/* For migratectl adopt and enable: the version, given or (NULL) detected, is recorded;
 * force: also where Detect= says otherwise. adopt.c. */
int verb_adopt(const char *name, const char *version, bool force) _must_check_;

/* For migratectl forget: nothing is remembered of a state that is gone. forget.c. */
int verb_forget(const char *name) _must_check_;

/* Removes backups that are not needed any more, of the services named, or (none) of all. prune.c.
 */
int verb_prune(char **names) _must_check_;

/* migrate-boot-complete.service: the boot is good, and with it what was migrated. boot.c. */
int verb_boot_complete(void) _must_check_;
