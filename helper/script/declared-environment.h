/* SPDX-License-Identifier: MIT */
/* The variables of [MigrateService], which scripts get and the helper does not. */
#pragma once

#include "declare/declaration.h"

/* Unless PID 1 has started this process as a unit, its environment is its caller's: only the
 * language and where messages go stay. 0 or -ENOMEM. */
int environment_leave_caller(void) _must_check_;

/* Sets a variable, which is NAME=value; takes it over, also on failure. NULL or no memory: -ENOMEM. */
int environment_set(char ***environment, char *variable) _must_check_;

/* Adds what Environment= and EnvironmentFile= declare, without what UnsetEnvironment= takes out. 0,
 * or a negative errno with *ret_path, a file that cannot be read, borrowed. */
int environment_add_declared(const Declaration *declaration, char ***environment,
                             const char **ret_path) _must_check_;
