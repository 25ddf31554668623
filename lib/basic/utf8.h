/* SPDX-License-Identifier: MIT */
/* UTF-8: the one decoder, and the one way to show text that somebody else wrote. */
#pragma once

#include "basic/util.h"

/* The character at the beginning of s, which ends with a NUL: its length in bytes, and its number
 * in *ret unless ret is NULL. 0 at the end of s, and for anything that systemd refuses in a unit
 * file: what is not UTF-8, surrogates, noncharacters. */
size_t utf8_decode(const char *s, uint32_t *ret);

/* Control characters, those above 127 too. */
bool utf8_is_control(uint32_t character);
/* Characters without a width, which can make a text look like another one. */
bool utf8_is_invisible(uint32_t character);

/* Appends text on one line: what is not UTF-8, controls, invisible characters and the characters in
 * special as "\x0a", byte by byte. */
void string_append_escaped(String *s, const char *text, const char *special);
