/* SPDX-License-Identifier: MIT */
/* Decodes UTF-8, and escapes text that somebody else wrote. */
#pragma once

#include "basic/util.h"

/* Decodes the character at the beginning of s into *ret, unless ret is NULL, and returns its length
 * in bytes. 0 at the end of s, and for what systemd refuses in a unit file: invalid UTF-8,
 * surrogates, noncharacters. */
size_t utf8_decode(const char *s, uint32_t *ret);

/* Control characters, including those above 127. */
bool utf8_is_control(uint32_t character);
/* Characters without a width, which can make a text look like another one. */
bool utf8_is_invisible(uint32_t character);

/* Appends text on one line. Writes as "\x0a", byte by byte: invalid UTF-8, control characters,
 * invisible characters, and the characters in special. */
void string_append_escaped(String *s, const char *text, const char *special);
