/* SPDX-License-Identifier: MIT */
/* Formats texts for people: sizes, durations, and foreign text made safe for a terminal. All
 * functions write into the caller's buffer, terminate it, and cut off text that does not fit. */
#pragma once

#include "basic/util.h"

/* Formats a size: "512 B", "1.5 GiB". */
void text_size(char *out, size_t size, uint64_t bytes);
/* Formats a part of a total, in the unit of the total: "0.3 of 1.5 GiB". */
void text_part(char *out, size_t size, uint64_t bytes, uint64_t total);
/* Formats a duration: "850 ms", "3.2 s", "2 min 10 s", "1 h 5 min". */
void text_duration(char *out, size_t size, uint64_t usec);
/* Formats a running clock: "0:07", "12:34", "1:02:03". */
void text_elapsed(char *out, size_t size, uint64_t usec);
/* Formats an estimate of the remaining time: "1 s", "40 s", "12 min", "1 h 5 min". */
void text_left(char *out, size_t size, uint64_t usec);

/* Makes the output of a script safe for a terminal and for STATUS=, which must be UTF-8. Removes
 * escape sequences and invisible characters, replaces control characters by blanks, and invalid
 * UTF-8 (with utf8 false, each non-ASCII character) by "?". If carriage returns rewrite a line,
 * keeps only its last text. */
void text_plain(char *out, size_t size, const char *in, bool utf8);

/* Returns how many columns plain text takes on a terminal, in the locale. */
size_t text_columns(const char *s);
/* text_fit() returns how many bytes of plain text fit into columns; text_cut() cuts the rest. */
size_t text_fit(const char *s, size_t columns);
void text_cut(char *s, size_t columns);

/* Returns the candidate that word is most likely a misspelling of: a few letters are missing, wrong,
 * too many or exchanged, or the end is missing. NULL: none is near. Borrowed from the list. */
const char *text_nearest(const char *word, char *const *candidates);
