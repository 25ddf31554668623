/* SPDX-License-Identifier: MIT */
/* Whom the files of a command may belong to. */
#pragma once

#include "declare/plan.h"
#include "place/place.h"

/* The user that a declaration's commands run as: User=, or the owner of the primary directory. 0,
 * -ESRCH, or another negative errno. */
int command_user(const Declaration *declaration, uid_t *ret) _must_check_;

/* What to say of a command: its key and program, and reterr_what. */
#define COMMAND_EXCHANGEABLE "%s=%s is not used, since others could exchange it: %s"

/* Could others than root exchange a file that the command names, as attempt_fingerprint() covers
 * them, or what the first line of its program names? Others are all but root and user; user is one
 * of them if Group= or credentials give the command more than the user has. PLACE_FOUND: nobody
 * could. PLACE_REFUSED, or a negative errno. */
int command_guard(const Declaration *declaration, uid_t user, char *const *argv,
                  char **reterr_what) _must_check_;

/* Could they make a ReadWritePaths= lead elsewhere, or a file that root reads for scripts
 * (EnvironmentFile=, LoadCredential=)? The same; reterr_what is the whole sentence. */
int command_guard_paths(const Declaration *declaration, uid_t user,
                        char **reterr_what) _must_check_;

/* Both of the above, of all commands of a plan. The same; reterr_what is the whole sentence. */
int command_guard_plan(const Declaration *declaration, const Plan *plan,
                       char **reterr_what) _must_check_;

/* The interpreter that the first line of a script names, and its argument or NULL; the caller owns
 * both. NULL: fd is no script. */
char *command_interpreter(int fd, char **ret_argument);
