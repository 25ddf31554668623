/* SPDX-License-Identifier: MIT */
/* The environment that migrate@NAME.service would give, for a helper that is called without it. */
#pragma once

#include "declare/declaration.h"

/* Is this process a unit's? Then systemd has made its environment. */
bool environment_is_systemd_s(void);

/* Replaces this process's environment: of what it has, the language and where messages go to stay;
 * Environment= and EnvironmentFile= of [MigrateService] are added. 0 or -errno; a line of which
 * nothing can be told here (a specifier, a file that is not there) is left out and, the first of
 * them, returned in ret_left_out, a sentence for the caller to free, else NULL. */
int environment_declare(const Declaration *declaration, char **ret_left_out) _must_check_;
