/* SPDX-License-Identifier: MIT */
/* Finds where to break lines on a terminal, and cuts texts. */
#include "terminal/wrap.h"

#include "basic/utf8.h"
#include "terminal/output.h"

#include <assert.h>

/* The indentation of a word or command that is too wide for the normal indentation. */
#define NARROW ((size_t)4)

static size_t escape_length(const char *s)
{
    return *s == '\033' ? strcspn(s, "m") + 1 : 0;
}

/* Returns the columns of text; colours have no width. */
static size_t columns_of(const char *s, size_t length)
{
    size_t columns = 0;

    for (const char *end = s + length; s < end;) {
        char character[8] = {*s};

        if (*s == '\033') {
            s += escape_length(s);
            continue;
        }
        for (size_t n = 1; n + 1 < sizeof(character) && ((unsigned char)s[n] & 0xc0) == 0x80; n++)
            character[n] = s[n];
        columns += text_columns(character);
        s += strlen(character);
    }
    return columns;
}

static bool names_a_program(const char *s)
{
    static const char *const programs[] = {"migratectl ", "systemctl ", "journalctl ", "sudo "};

    for (size_t i = 0; i < ELEMENTSOF(programs); i++)
        if (startswith(s, programs[i]))
            return true;
    return false;
}

static bool begins_command(const char *text, const char *s)
{
    const char *before = s, *word = s;

    while (*word == '\033' || *word == '(')
        word += *word == '(' ? 1 : escape_length(word);
    while (before > text && before[-1] == ' ')
        before--;
    if (before - text >= 4 && strncmp(before - 4, "run:", 4) == 0)
        return true;
    return names_a_program(word) && (before == text || before[-1] == ':' || before[-1] == '\n' ||
                                     s - before >= 2 || *s == '(');
}

/* Says whether the two words are an amount, such as "3.7 GiB" or "12 s". */
static bool is_amount(const char *number, const char *unit)
{
    static const char *const units[] = {"B",  "KiB", "MiB", "GiB", "TiB", "PiB",
                                        "ms", "s",   "min", "h",   "day", "days"};
    size_t digits = strspn(number, "0123456789."), length = strcspn(unit, " \n/,;.)");

    if (digits == 0 || number[digits] != ' ' || number + digits + 1 != unit)
        return false;
    for (size_t i = 0; i < ELEMENTSOF(units); i++)
        if (strlen(units[i]) == length && strncmp(units[i], unit, length) == 0)
            return true;
    return false;
}

static bool ends_command(const char *s, size_t length)
{
    return length > 0 && strchr(",;.)", s[length - 1]);
}

static size_t chunk(const char *text, const char *from)
{
    const char *s = from + strspn(from, " ");
    size_t length = strcspn(s, " \n");

    if (begins_command(text, s))
        while (s[length] == ' ' && !ends_command(s, length)) {
            length += strspn(s + length, " ");
            length += strcspn(s + length, " \n");
        }
    else if (is_amount(s + (*s == '('), s + length + (s[length] == ' ')))
        length += 1 + strcspn(s + length + 1, " \n");
    return (size_t)(s - from) + length;
}

size_t wrap_line(const char *text, const char *from, size_t columns, const char **ret_next)
{
    size_t length = chunk(text, from), used = columns_of(from, length);

    assert(from >= text && *from);
    while (from[length] == ' ') {
        size_t more = chunk(text, from + length);

        used += columns_of(from + length, more);
        if (used > columns)
            break;
        length += more;
    }
    *ret_next = from + length + strspn(from + length, " ");
    while (length > 0 && from[length - 1] == ' ')
        length--;
    return length;
}

size_t wrap_widest(const char *text)
{
    size_t widest = 0;

    for (const char *s = text; *s;) {
        size_t length = chunk(text, s), blanks = strspn(s, " ");

        widest = MAX(widest, columns_of(s + blanks, length - blanks));
        s += length + (s[length] == '\n');
    }
    return widest;
}

/* Writes text with colours, but with no other control or invisible character: part of the text may
 * come from a file name or a process that a user has chosen. */
static void write_harmless(FILE *file, const char *s, size_t length)
{
    for (const char *end = s + length; s < end;) {
        size_t n = startswith(s, "\033[") ? escape_length(s) : 0;
        bool colour = n > 2 && strspn(s + 2, "0123456789;") == n - 3;
        uint32_t c = 0;

        if (!colour)
            n = utf8_decode(s, &c);
        if (colour || (n > 0 && !utf8_is_control(c) && !utf8_is_invisible(c)))
            fwrite(s, 1, n, file);
        else
            putc('?', file);
        s += MAX(n, 1U);
    }
}

size_t wrap_print(FILE *file, size_t columns, size_t indent, const char *text)
{
    const char *from = text, *next;
    size_t at = 0, lines = 1;
    bool continued = false;

    while (*from) {
        size_t room = columns == 0 ? SIZE_MAX : columns > at ? columns - at : 1;
        size_t length = wrap_line(text, from, room, &next);

        if (continued && at > NARROW && columns_of(from, length) > room)
            at = NARROW;
        else {
            if (file && continued)
                fprintf(file, "\n%*s", (int)at, "");
            if (file)
                write_harmless(file, from, length);
            lines += continued + (MAX(columns_of(from, length), (size_t)1) - 1) / room;
            continued = *next && *next != '\n';
            at = continued ? indent : 0;
            if (*next == '\n') {
                if (file)
                    putc('\n', file);
                lines++;
                next++;
            }
            from = next;
        }
    }
    return lines;
}

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
