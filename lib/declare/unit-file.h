/* SPDX-License-Identifier: MIT */
/* Reads unit files. */
#pragma once

#include "basic/util.h"

/* Appends the values of key, as written, in the file of a unit and in its drop-ins; with key NULL,
 * all lines, as KEY=VALUE. root: "" or a directory. Returns 1, 0 if the unit has no file, or
 * -ENOMEM. */
int unit_file_read(const char *root, const char *unit, const char *key,
                   char ***values) _must_check_;
/* The same in its drop-ins only. Returns 0 or -ENOMEM. */
int unit_drop_ins_read(const char *root, const char *unit, const char *key,
                       char ***values) _must_check_;
/* The same in the text of one file. Changes text. Returns 1 or -ENOMEM. */
int unit_file_parse(char *text, const char *key, char ***values) _must_check_;
/* Appends the names of the unit files with that suffix, each once, without aliases. Returns 0 or -ENOMEM. */
int unit_files_list(const char *root, const char *suffix, char ***names) _must_check_;

/* Returns the name of the mount unit of a path: see systemd.unit(5). NULL: out of memory; the caller
 * owns the string. */
char *unit_of_mount(const char *path) _must_check_;

/* Expands %i, %p, %n, %N and %% for a unit PREFIX@INSTANCE.TYPE or PREFIX.TYPE. Leaves other
 * specifiers. Returns NULL if memory runs out; the caller owns the string. */
char *unit_expand(const char *text, const char *unit) _must_check_;
