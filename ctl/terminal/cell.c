/* SPDX-License-Identifier: MIT */
/* Limits text to a number of columns. */
#include "terminal/cell.h"

#include "terminal/output.h"

char *cell_text(const char *s)
{
    size_t size = strlen(s) + 1;
    char *text = malloc(size);

    if (text)
        text_plain(text, size, s, true);
    return text;
}

char *cell_cut(const char *s, size_t columns)
{
    size_t room = text_columns(ellipsis());

    if (text_columns(s) <= columns)
        return strdup(s);
    if (columns <= room)
        return strprintf("%.*s", (int)text_fit(s, columns), s);
    return strprintf("%.*s%s", (int)text_fit(s, columns - room), s, ellipsis());
}
