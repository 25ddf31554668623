/* SPDX-License-Identifier: MIT */
/* Texts for people. Allocates nothing: some of it runs while a state is cloned. */
#include "basic/text.h"

#include <wchar.h>

static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

/* The unit in which a number is below 1024, as it is printed: 1023.96 KiB would be "1024.0". */
static size_t find_unit(uint64_t bytes, double *ret_divisor)
{
    double divisor = 1;
    size_t i = 0;

    while (i + 1 < ELEMENTSOF(units) && (double)bytes / divisor >= (i == 0 ? 1024 : 1023.95)) {
        divisor *= 1024;
        i++;
    }
    *ret_divisor = divisor;
    return i;
}

void text_size(char *out, size_t size, uint64_t bytes)
{
    double divisor;
    size_t unit = find_unit(bytes, &divisor);

    snprintf(out, size, "%.*f %s", unit > 0, (double)bytes / divisor, units[unit]);
}

void text_part(char *out, size_t size, uint64_t bytes, uint64_t total)
{
    double divisor;
    size_t unit = find_unit(total, &divisor);

    snprintf(out, size, "%.*f of %.*f %s", unit > 0, (double)bytes / divisor, unit > 0,
             (double)total / divisor, units[unit]);
}

void text_duration(char *out, size_t size, uint64_t usec)
{
    uint64_t seconds = usec / 1000000;

    if (usec < 1000000)
        snprintf(out, size, "%u ms", (unsigned)(usec / 1000));
    else if (seconds < 60)
        snprintf(out, size, "%.1f s", (double)usec / 1e6);
    else if (seconds < 3600)
        snprintf(out, size, "%u min %u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        snprintf(out, size, "%llu h %u min", (unsigned long long)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60));
}

void text_elapsed(char *out, size_t size, uint64_t usec)
{
    uint64_t seconds = usec / 1000000;

    if (seconds < 3600)
        snprintf(out, size, "%u:%02u", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        snprintf(out, size, "%llu:%02u:%02u", (unsigned long long)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

void text_left(char *out, size_t size, uint64_t usec)
{
    uint64_t seconds = (usec + 999999) / 1000000, minutes = (seconds + 30) / 60;

    if (seconds < 90)
        snprintf(out, size, "%u s", (unsigned)seconds);
    else if (minutes < 60)
        snprintf(out, size, "%u min", (unsigned)minutes);
    else
        snprintf(out, size, "%llu h %u min", (unsigned long long)(minutes / 60),
                 (unsigned)(minutes % 60));
}

/* --- what somebody else wrote ----------------------------------------------------------------- */

/* The character that s begins with, and its length; U+FFFD and 1 where that is no UTF-8. */
static uint32_t decode(const char *s, size_t *ret_length)
{
    const unsigned char *p = (const unsigned char *)s;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *p < 0x80   ? 1
                    : *p < 0xc0 ? 0
                    : *p < 0xe0 ? 2
                    : *p < 0xf0 ? 3
                    : *p < 0xf8 ? 4
                                : 0;
    uint32_t character = length < 2 ? *p : *p & (0x7fu >> length);

    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) { /* the NUL, too */
            length = 0;
            break;
        }
        character = character << 6 | (p[i] & 0x3f);
    }
    if (length == 0 || (length > 1 && character < least[length]) || character > 0x10ffff ||
        (character >= 0xd800 && character < 0xe000)) {
        *ret_length = 1;
        return 0xfffd;
    }
    *ret_length = length;
    return character;
}

/* An escape sequence behind ESC (or the one-character form of the same): its length. See ECMA-48.
 */
static size_t escape_length(const char *s, char kind)
{
    size_t n = 0;

    switch (kind) {
    case '[': /* parameters, then a final byte */
        while (s[n] >= 0x20 && s[n] < 0x40)
            n++;
        return s[n] >= 0x40 && s[n] < 0x7f ? n + 1 : n;
    case ']': /* strings, ended by BEL or ESC \ */
    case 'P':
    case 'X':
    case '^':
    case '_':
        while (s[n] && s[n] != '\a' && s[n] != '\033')
            n++;
        return s[n] == '\a' ? n + 1 : s[n] == '\033' && s[n + 1] == '\\' ? n + 2 : n;
    default: /* intermediates, then a final byte */
        if (kind >= 0x20 && kind < 0x30)
            while (s[n] >= 0x20 && s[n] < 0x30)
                n++;
        return kind >= 0x20 && kind < 0x30 && s[n] >= 0x30 && s[n] < 0x7f ? n + 1 : n;
    }
}

/* Without a width, and able to make a text look like another one. */
static bool is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* What comes behind the last carriage return that has anything behind it. */
static const char *last_rewrite(const char *in)
{
    const char *begin = in;

    for (const char *p = in; *p; p++)
        if (*p == '\r' && p[1] && p[1] != '\r' && p[1] != '\n')
            begin = p + 1;
    return begin;
}

void text_plain(char *out, size_t size, const char *in, bool utf8)
{
    size_t used = 0, length;

    if (size == 0)
        return;
    for (const char *p = last_rewrite(in); *p; p += length) {
        uint32_t c = decode(p, &length);
        char blank = ' ';
        const char *text = p;
        size_t n = length;

        if (c == 033 && p[1]) {
            length = 2 + escape_length(p + 2, p[1]);
            continue;
        }
        if (c == 0x9b) { /* the same as ESC [, in one character */
            length += escape_length(p + length, '[');
            continue;
        }
        if (is_invisible(c))
            continue;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            text = &blank;
            n = 1;
        } else if (c == 0xfffd || (c >= 0x80 && !utf8)) {
            blank = '?';
            text = &blank;
            n = 1;
        }
        if (used + n >= size)
            break;
        memcpy(out + used, text, n);
        used += n;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

static size_t columns_of(uint32_t character)
{
    int columns = character < 0x80 ? 1 : wcwidth((wchar_t)character);

    return columns < 0 ? 1 : (size_t)columns;
}

size_t text_columns(const char *s)
{
    size_t columns = 0, length;

    for (; *s; s += length)
        columns += columns_of(decode(s, &length));
    return columns;
}

void text_cut(char *s, size_t columns)
{
    size_t used = 0, length;

    for (; *s; s += length) {
        used += columns_of(decode(s, &length));
        if (used > columns) {
            *s = '\0';
            return;
        }
    }
}
