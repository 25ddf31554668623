/* SPDX-License-Identifier: MIT */
/* Sets the variables of [MigrateService], which scripts get and the helper does not. */
#pragma once

#include "declare/declaration.h"

/* Removes the caller's variables from the environment, unless PID 1 has started this process as a
 * unit. Only the language, the terminal, and the destination of messages stay. 0 or -ENOMEM. */
int environment_leave_caller(void) _must_check_;

/* Sets a variable. variable: NAME=value, which this function takes over, even on failure; NULL:
 * memory is short. 0 or -ENOMEM. */
int environment_set(char ***environment, char *variable) _must_check_;

/* Adds the variables of Environment= and EnvironmentFile=, without those of UnsetEnvironment=. 0,
 * or a negative errno; *ret_path, borrowed, is then the file that cannot be read, or NULL. */
int environment_add_declared(const Declaration *declaration, char ***environment,
                             const char **ret_path) _must_check_;
