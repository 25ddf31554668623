/* SPDX-License-Identifier: MIT */
/* Commands of a declaration: an absolute path and arguments, without a shell and without
 * expansion. */
#pragma once

#include "basic/util.h"

/* Splits s into words as in unit files: whitespace separates, single and double quotes join, a
 * backslash escapes as in systemd.service(5), "%%" is a percent sign. The caller owns *ret. 0,
 * -ENOMEM, or -EINVAL with reterr_what, a message in static memory. */
int command_parse(const char *s, char ***ret, const char **reterr_what) _must_check_;

/* Quotes a word so that systemd reads back s from a unit file, and doubles "%". The caller owns it;
 * NULL: out of memory. */
char *unit_quote(const char *s) _must_check_;
