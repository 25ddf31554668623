/* SPDX-License-Identifier: MIT */
/* Sentences on a terminal. Lines are broken at blanks, but not in an amount ("3.7 GiB") or a
 * command. A command begins after "run: ", or with the name of a program of systemd or of this
 * project at the beginning of a line or after ": ", two blanks or "("; it ends at a word with a
 * comma, a semicolon, a full stop or ")" at its end. Texts are plain (text_plain()), but may have
 * colours. */
#pragma once

#include "basic/util.h"

/* The bytes of text, from from on, that fit into one line: at least one word or command. *ret_next:
 * the beginning of the next line. */
size_t wrap_line(const char *text, const char *from, size_t columns, const char **ret_next);
/* The columns of the widest word or command. */
size_t wrap_widest(const char *text);

/* Prints text in lines of columns (0: of any length), without a line break after the last. Lines
 * that continue another are indented; a line break in text begins a line that is not. Returns the
 * number of lines; with file NULL it only counts them. */
size_t wrap_print(FILE *file, size_t columns, size_t indent, const char *text);
