/* SPDX-License-Identifier: MIT */
/* Texts for people: amounts, times, and what somebody else wrote, made fit for a terminal. All of
 * it into the caller's buffer, which is always terminated; what does not fit is cut off. */
#pragma once

#include "basic/util.h"

/* "512 B", "1.5 GiB". */
void text_size(char *out, size_t size, uint64_t bytes);
/* How much of how much, in the unit of the latter: "0.3 of 1.5 GiB". */
void text_part(char *out, size_t size, uint64_t bytes, uint64_t total);
/* How long something took: "850 ms", "3.2 s", "2 min 10 s", "1 h 5 min". */
void text_duration(char *out, size_t size, uint64_t usec);
/* A clock that runs: "0:07", "12:34", "1:02:03". */
void text_elapsed(char *out, size_t size, uint64_t usec);
/* A guess: "1 s", "40 s", "12 min", "1 h 5 min". */
void text_left(char *out, size_t size, uint64_t usec);

/* What a script has printed, as a terminal (and a STATUS= of systemd, which takes nothing but
 * UTF-8) may get it: escape sequences are left out, control characters, also those above 127, are
 * blanks, what is no UTF-8 is "?", and what would turn the direction of writing is left out. Of a
 * line that was rewritten by carriage returns, the last. Never ends within a character. utf8 false:
 * all that is not ASCII is "?", one a character. */
void text_plain(char *out, size_t size, const char *in, bool utf8);

/* How many columns of a terminal a text of text_plain() takes; the locale's if it is not ASCII. */
size_t text_columns(const char *s);
/* How many bytes of it fit into so many columns. */
size_t text_fit(const char *s, size_t columns);
/* Cuts it to that many, at a character. */
void text_cut(char *s, size_t columns);
