/* SPDX-License-Identifier: MIT */
/* Text that has to go into so many columns. It is UTF-8 here whatever the locale, as what comes
 * from files is; lib/basic/text.h says how wide it is. */
#pragma once

#include "basic/text.h"

/* text_plain() as a copy of any length. The caller owns it; NULL: out of memory. */
char *cell_text(const char *s) _must_check_;

/* What follows takes text that is plain. */

/* A copy that fits, with an ellipsis at its end where something was cut off. The caller owns it;
 * NULL: out of memory. */
char *cell_cut(const char *s, size_t columns) _must_check_;
