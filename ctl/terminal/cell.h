/* SPDX-License-Identifier: MIT */
/* Text in a limited number of columns. It is UTF-8 in any locale, as names in files are;
 * lib/basic/text.h measures it. */
#pragma once

#include "basic/text.h"

/* text_plain() as a copy of any length. The caller owns it; NULL: out of memory. */
char *cell_text(const char *s) _must_check_;

/* A copy of plain text that fits, with an ellipsis where text was cut off. The caller owns it;
 * NULL: out of memory. */
char *cell_cut(const char *s, size_t columns) _must_check_;
