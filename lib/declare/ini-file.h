/* SPDX-License-Identifier: MIT */
/* Reads INI files line by line. */
#pragma once

#include "declare/problem.h"

/* The length limit of a physical line. systemd allows 1 MiB; two paths in the Nix store need 226
 * bytes. */
#define INI_LINE_MAX 65536

/* A callback for each section header (key and value NULL) and each assignment, in order. The
 * strings are valid during the call. Returns 0, or a negative errno that ends the reading. */
typedef int (*IniHandler)(const char *section, const char *key, const char *value, Origin origin,
                          void *userdata);

/* Reads text (size bytes and a NUL) of file. Each line that is not valid INI is a problem, and
 * reading continues after it. Returns 0, -ENOMEM, or the errno of handler. */
int ini_read(const char *file, const char *text, size_t size, IniHandler handler, void *userdata,
             Problems *problems) _must_check_;
