/* SPDX-License-Identifier: MIT */
/* Decodes UTF-8, and escapes untrusted text. */
#pragma once

#include "basic/util.h"

/* Decodes the character at the beginning of s into *ret, which may be NULL. Returns the character's
 * length in bytes; 0 at the end of s and for text that systemd refuses in a unit file: invalid
 * UTF-8, surrogates, noncharacters. */
size_t utf8_decode(const char *s, uint32_t *ret);

/* Is this a control character, from U+0080 to U+009F too? */
bool utf8_is_control(uint32_t character);
/* Is this a character without a width? Such characters can make two different texts look equal. */
bool utf8_is_invisible(uint32_t character);

/* Appends text on one line. Escapes invalid UTF-8, control and invisible characters, and each
 * character of the string special. Each escaped byte becomes, for example, "\x0a". */
void string_append_escaped(String *s, const char *text, const char *special);
