/* SPDX-License-Identifier: MIT */
/* Texts for people: sizes, durations, and foreign text made safe for a terminal. All write into the
 * caller's buffer, which is always terminated, and cut off what does not fit. */
#pragma once

#include "basic/util.h"

/* "512 B", "1.5 GiB". */
void text_size(char *out, size_t size, uint64_t bytes);
/* A part of a total, in the unit of the total: "0.3 of 1.5 GiB". */
void text_part(char *out, size_t size, uint64_t bytes, uint64_t total);
/* A duration: "850 ms", "3.2 s", "2 min 10 s", "1 h 5 min". */
void text_duration(char *out, size_t size, uint64_t usec);
/* A running clock: "0:07", "12:34", "1:02:03". */
void text_elapsed(char *out, size_t size, uint64_t usec);
/* An estimate: "1 s", "40 s", "12 min", "1 h 5 min". */
void text_left(char *out, size_t size, uint64_t usec);

/* Makes the output of a script safe for a terminal and for STATUS=, which must be UTF-8. Removes
 * escape sequences and invisible characters, and replaces control characters by blanks and invalid
 * UTF-8 by "?". Keeps only the last text of a line that carriage returns rewrite. Never ends within
 * a character. utf8 false: each character that is not ASCII becomes "?". */
void text_plain(char *out, size_t size, const char *in, bool utf8);

/* The columns that plain text takes on a terminal; the locale decides about other than ASCII. */
size_t text_columns(const char *s);
/* The bytes of plain text that fit into so many columns. */
size_t text_fit(const char *s, size_t columns);
/* Cuts plain text to so many columns. */
void text_cut(char *s, size_t columns);
