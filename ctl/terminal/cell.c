/* SPDX-License-Identifier: MIT */
/* Text that has to go into so many columns. */
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

/* The bytes of the character that s begins with. */
static size_t length_of(const char *s)
{
    size_t n = 1;

    while (((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

size_t cell_fit(const char *s, size_t columns)
{
    size_t width = 0, length = 0;

    while (s[length]) {
        size_t n = length_of(s + length);
        char character[8] = {};

        memcpy(character, s + length, MIN(n, sizeof(character) - 1));
        width += text_columns(character);
        if (width > columns)
            break;
        length += n;
    }
    return length;
}

char *cell_cut(const char *s, size_t columns)
{
    size_t room = text_columns(ellipsis());

    if (text_columns(s) <= columns)
        return strdup(s);
    if (columns <= room)
        return strprintf("%.*s", (int)cell_fit(s, columns), s);
    return strprintf("%.*s%s", (int)cell_fit(s, columns - room), s, ellipsis());
}
