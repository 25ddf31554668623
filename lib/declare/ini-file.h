/* SPDX-License-Identifier: MIT */
/* INI files, line by line, over inih. */
#pragma once

#include "declare/problem.h"

/* Longest physical line. systemd's own limit is 1 MiB; two Nix store paths need 226 bytes. */
#define INI_LINE_MAX 65536

/* Called for each section header (key and value NULL) and each assignment, in order; strings are
 * borrowed for the call. 0, or a negative errno that ends the reading. */
typedef int (*IniHandler)(const char *section, const char *key, const char *value, Origin origin,
                          void *userdata);

/* Reads text (of size bytes, followed by a NUL), which came from file. Lines that are no INI go to
 * problems, each with its line, and reading goes on behind them. 0, -ENOMEM, or what handler said.
 */
int ini_read(const char *file, const char *text, size_t size, IniHandler handler, void *userdata,
             Problems *problems) _must_check_;
