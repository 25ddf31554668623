/* SPDX-License-Identifier: MIT */
/* A command of a declaration: an absolute path and arguments. No shell, no expansion. */
#pragma once

#include "basic/util.h"

/* Splits s into words as unit files do: whitespace separates, single and double quotes join, a
 * backslash escapes as in systemd.service(5), "%%" is a percent sign. 0, -ENOMEM, or -EINVAL with
 * reterr_what, a sentence fragment in static memory. The caller owns *ret. */
int command_parse(const char *s, char ***ret, const char **reterr_what) _must_check_;

/* One word as it has to be written in a unit file for systemd to read back s: quoted where needed,
 * "%" doubled. The caller owns it; NULL: out of memory. */
char *unit_quote(const char *s) _must_check_;
