/* SPDX-License-Identifier: MIT */
/* Formats texts for people. Allocates no memory, because some functions run while a state is
 * cloned. */
#include "basic/text.h"

#include "basic/utf8.h"

#include <wchar.h>

static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

/* Finds the unit in which the printed number is below 1024; 1023.96 KiB would print as "1024.0". */
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

/* --- untrusted text -------------------------------------------------------------------------- */

/* Returns the length of an escape sequence (ECMA-48) after ESC and kind, its second character. */
static size_t escape_length(const char *s, char kind)
{
    size_t n = 0;

    switch (kind) {
    case '[': /* parameters, then a final byte */
        while (s[n] >= 0x20 && s[n] < 0x40)
            n++;
        return s[n] >= 0x40 && s[n] < 0x7f ? n + 1 : n;
    case ']': /* a string that BEL or ESC \ ends */
    case 'P':
    case 'X':
    case '^':
    case '_':
        while (s[n] && s[n] != '\a' && s[n] != '\033')
            n++;
        return s[n] == '\a' ? n + 1 : s[n] == '\033' && s[n + 1] == '\\' ? n + 2 : n;
    default: /* intermediate bytes, then a final byte */
        if (kind >= 0x20 && kind < 0x30)
            while (s[n] >= 0x20 && s[n] < 0x30)
                n++;
        return kind >= 0x20 && kind < 0x30 && s[n] >= 0x30 && s[n] < 0x7f ? n + 1 : n;
    }
}

/* Returns the text after the last carriage return that is followed by any text. */
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
        const char *text = p;
        uint32_t c = 0;
        size_t n;

        length = utf8_decode(p, &c);
        n = length;
        if (c == 033 && p[1]) {
            length = 2 + escape_length(p + 2, p[1]);
            continue;
        }
        if (c == 0x9b) { /* the one-byte form of ESC [ */
            length += escape_length(p + length, '[');
            continue;
        }
        if (utf8_is_invisible(c))
            continue;
        if (length == 0 || (c >= 0xa0 && !utf8)) {
            text = "?";
            length = MAX(length, 1U);
            n = 1;
        } else if (utf8_is_control(c)) {
            text = " ";
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

/* Returns the columns and the bytes of the character at the beginning of s. */
static size_t columns_of(const char *s, size_t *ret_length)
{
    uint32_t c = 0xfffd;
    size_t length = utf8_decode(s, &c);
    int columns = c < 0x80 ? 1 : wcwidth((wchar_t)c);

    *ret_length = MAX(length, 1U);
    return columns < 0 ? 1 : (size_t)columns;
}

size_t text_columns(const char *s)
{
    size_t columns = 0, length;

    for (; *s; s += length)
        columns += columns_of(s, &length);
    return columns;
}

size_t text_fit(const char *s, size_t columns)
{
    size_t used = 0, fits = 0, length;

    for (; s[fits]; fits += length) {
        used += columns_of(s + fits, &length);
        if (used > columns)
            break;
    }
    return fits;
}

void text_cut(char *s, size_t columns)
{
    s[text_fit(s, columns)] = '\0';
}

/* --- misspelled words ------------------------------------------------------------------------- */

#define WORD_MAX 80

/* Counts the letters to insert, remove, replace or exchange with their neighbour. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];
    const size_t n = strlen(a), m = strlen(b);

    if (n > WORD_MAX || m > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        above[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *oldest = before;

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

const char *text_nearest(const char *word, char *const *candidates)
{
    size_t least = MAX(strlen(word) / 3, (size_t)1) + 1;
    const char *nearest = NULL;

    for (; candidates && *candidates; candidates++) {
        bool begins = strlen(word) >= 3 && startswith(*candidates, word);
        size_t d = begins ? 1 : distance(word, *candidates);

        if (d < least && d < strlen(word)) {
            least = d;
            nearest = *candidates;
        }
    }
    return nearest;
}
