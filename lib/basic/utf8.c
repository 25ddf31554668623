/* SPDX-License-Identifier: MIT */
/* Decodes and escapes UTF-8. Does not depend on the locale. */
#include "basic/utf8.h"

size_t utf8_decode(const char *s, uint32_t *ret)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)s;
    size_t length = *p == 0     ? 0
                    : *p < 0x80 ? 1
                    : *p < 0xc0 ? 0
                    : *p < 0xe0 ? 2
                    : *p < 0xf0 ? 3
                    : *p < 0xf8 ? 4
                                : 0;
    uint32_t c = length < 2 ? *p : *p & (0x7fU >> length);

    if (length == 0)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ||
        (c >= 0xfdd0 && c < 0xfdf0) || (c & 0xfffe) == 0xfffe)
        return 0;
    if (ret)
        *ret = c;
    return length;
}

bool utf8_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool utf8_is_invisible(uint32_t c)
{
    return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Returns how many bytes at the beginning of text need no escape. */
static size_t plain_length(const char *text, const char *special)
{
    size_t plain = 0, length;
    uint32_t c;

    while ((length = utf8_decode(text + plain, &c)) > 0 && !utf8_is_control(c) &&
           !utf8_is_invisible(c) && !(length == 1 && strchr(special, (int)c)))
        plain += length;
    return plain;
}

void string_append_escaped(String *s, const char *text, const char *special)
{
    while (*text) {
        size_t length = plain_length(text, special);

        string_appendf(s, "%.*s", (int)length, text);
        text += length;
        length = *text ? MAX(utf8_decode(text, NULL), 1U) : 0;
        for (; length > 0; length--)
            string_appendf(s, "\\x%02x", (unsigned char)*text++);
    }
}
