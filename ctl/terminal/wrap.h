/* SPDX-License-Identifier: MIT */
/* Sentences on a terminal. Lines are broken at blanks; neither a word nor a command is torn. A
 * command begins after "run: ", or with the name of a program of systemd or of this project at the
 * beginning of a line or after ": ", two blanks or "("; a comma, a semicolon, a full stop or ")" at
 * the end of a word ends it. Texts are plain (text_plain()), but may have colours. */
#pragma once

#include "basic/util.h"

/* How much of text, from from on, goes into one line of so many columns: the bytes, at least one
 * word or command. *ret_next: where the next line begins. */
size_t wrap_line(const char *text, const char *from, size_t columns, const char **ret_next);
/* The columns of its widest word or command. */
size_t wrap_widest(const char *text);

/* Prints text in lines of so many columns, 0: of any length, without a line end after the last.
 * Lines that continue one are indented; a line break in text begins one that is not. Returns the
 * lines; file NULL: they are only counted. */
size_t wrap_print(FILE *file, size_t columns, size_t indent, const char *text);
