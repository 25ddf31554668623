/* SPDX-License-Identifier: MIT */
/* Makes the environment of scripts. */
#pragma once

#include "script/script.h"

/* Removes variables from the environment, except the language, the terminal, and the destination of
 * messages, unless PID 1 has started this process: a user's shell may hold secrets, which the users
 * of scripts must not read. 0 or -ENOMEM. */
int environment_leave_caller(void) _must_check_;

/* Makes the environment of a command that runs as user. 0 and *ret, or a negative errno; *ret_path,
 * borrowed, is then the EnvironmentFile= that cannot be read, or NULL. */
int environment_build(const ScriptContext *context, const ScriptCall *call, const char *user,
                      char ***ret, const char **ret_path) _must_check_;

/* Sets a variable. variable: "NAME=value", which this function takes over, even on failure; NULL:
 * out of memory. 0 or -ENOMEM. */
int environment_set(char ***environment, char *variable) _must_check_;
/* Adds the variables of Environment= and EnvironmentFile=, without those of UnsetEnvironment=.
 * Returns as environment_build(). */
int environment_add_declared(const Declaration *declaration, char ***environment,
                             const char **ret_path) _must_check_;
