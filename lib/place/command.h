/* SPDX-License-Identifier: MIT */
/* Checks who can exchange the files of a command. */
#pragma once

#include "declare/plan.h"
#include "place/place.h"

/* Finds the user that a declaration's commands run as: User=, or the owner of the primary
 * directory. Returns 0, -ESRCH, or another negative errno. */
int command_user(const Declaration *declaration, uid_t *ret) _must_check_;

/* Returns why a program cannot be executed: it is missing, not executable, or its interpreter is
 * missing. NULL: it can be executed, or only root can tell. open_file opens a path with flags, and
 * returns a descriptor or a negative errno. The caller owns the string. */
char *command_problem(const char *path, int (*open_file)(const char *path, int flags)) _must_check_;

/* The format of a refusal: key, program, and reterr_what. */
#define COMMAND_EXCHANGEABLE "%s=%s is not used, since others could exchange it: %s"

/* Checks that nobody but root and user can replace a file of the command: the program, a file that an
 * argument names, or an interpreter in the first line of these files. attempt_fingerprint() covers
 * the same files. If Group= or credentials give the command more rights than user has, only root may
 * replace them. Returns PLACE_FOUND if so, PLACE_REFUSED if somebody else can, or a negative errno. */
int command_guard(const Declaration *declaration, uid_t user, char *const *argv,
                  char **reterr_what) _must_check_;

/* Can other users make a path of ReadWritePaths= lead elsewhere, or exchange a file that root reads
 * for scripts (EnvironmentFile=, LoadCredential=)? Returns the values of command_guard(), but
 * reterr_what is a whole sentence. */
int command_guard_paths(const Declaration *declaration, uid_t user,
                        char **reterr_what) _must_check_;

/* Calls the functions above for all commands of a plan, and checks that their user can reach them.
 * The programs of kept steps may be missing, because their copies are used. Returns the values of
 * command_guard(), but reterr_what is a whole sentence. */
int command_guard_plan(const Declaration *declaration, const Plan *plan,
                       char **reterr_what) _must_check_;

/* Reads the interpreter, and its argument or NULL, from the first line of a script. The caller owns
 * both. Returns NULL if fd is not a script. */
char *command_interpreter(int fd, char **ret_argument);
