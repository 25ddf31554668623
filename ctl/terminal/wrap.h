/* SPDX-License-Identifier: MIT */
/* Wraps sentences for a terminal. Lines are broken at blanks, but not within an amount ("3.7 GiB")
 * or a command.
 *
 * A command begins after "run: ", or with the name of a program of systemd or of this project at
 * the beginning of a line or after ": ", two blanks or "(". A command ends at a word that ends with
 * a comma, a semicolon, a full stop or ")". Texts are plain (text_plain()), but may have
 * colours. */
#pragma once

#include "basic/text.h"

/* Returns how many bytes of text, starting at from, fit into one line: at least one word or
 * command. *ret_next is the beginning of the next line. */
size_t wrap_line(const char *text, const char *from, size_t columns, const char **ret_next);
/* Returns the columns of the widest word or command. */
size_t wrap_widest(const char *text);

/* Prints text in lines of at most columns columns (0: any length), without a line break after the
 * last line. Continuation lines are indented; a line break in text begins a line without
 * indentation. Returns the number of lines. With file NULL, only counts the lines. */
size_t wrap_print(FILE *file, size_t columns, size_t indent, const char *text);

/* Returns a copy of text that text_plain() has made safe, of any length. The caller owns the copy;
 * NULL: out of memory. */
char *cell_text(const char *s) _must_check_;

/* Returns a copy of plain text, cut to so many columns, with an ellipsis at the cut. The caller
 * owns the copy; NULL: out of memory. */
char *cell_cut(const char *s, size_t columns) _must_check_;
