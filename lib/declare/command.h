/* SPDX-License-Identifier: MIT */
/* Parses commands of a declaration: an absolute path and arguments, without a shell and without
 * expansion. */
#pragma once

#include "basic/util.h"

/* Splits s into words as in unit files: whitespace separates words, quotes join them, a backslash
 * escapes as in systemd.service(5), and "%%" is a percent sign. The caller owns *ret. Returns 0,
 * -ENOMEM, or -EINVAL with reterr_what, a message in static memory. */
int command_parse(const char *s, char ***ret, const char **reterr_what) _must_check_;

/* Quotes a word and doubles "%", so that systemd reads s back from a unit file. The caller owns the
 * string; NULL: out of memory. */
char *unit_quote(const char *s) _must_check_;
