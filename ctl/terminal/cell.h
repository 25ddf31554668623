/* SPDX-License-Identifier: MIT */
/* Limits text to a number of columns. The text is UTF-8 in every locale, like the names in files;
 * lib/basic/text.h measures its width. */
#pragma once

#include "basic/text.h"

/* Returns a copy of text that text_plain() has made safe, of any length. The caller owns the copy;
 * NULL: out of memory. */
char *cell_text(const char *s) _must_check_;

/* Returns a copy of plain text, cut to so many columns, with an ellipsis at the cut. The caller
 * owns the copy; NULL: out of memory. */
char *cell_cut(const char *s, size_t columns) _must_check_;
