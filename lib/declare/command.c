/* SPDX-License-Identifier: MIT */
/* Parses and quotes commands in the syntax of unit files. Executes nothing. */
#include "declare/command.h"

#include <ctype.h>

/* Decodes the escape after a backslash, and moves *s past the escape. Returns -1 for an unknown
 * escape. */
static int unescape(const char **s)
{
    static const char from[] = "abfnrtv\\\"'s", to[] = "\a\b\f\n\r\t\v\\\"' ";
    const char *p = **s ? strchr(from, **s) : NULL;

    if (p) {
        (*s)++;
        return (unsigned char)to[p - from];
    }
    if (**s == 'x' && isxdigit((unsigned char)(*s)[1]) && isxdigit((unsigned char)(*s)[2])) {
        const char digits[] = {(*s)[1], (*s)[2], '\0'};
        int c = (int)strtol(digits, NULL, 16);

        *s += 3;
        return c > 0 ? c : -1;
    }
    return -1;
}

static int invalid(const char **reterr_what, const char *what)
{
    *reterr_what = what;
    return -EINVAL;
}

int command_parse(const char *s, char ***ret, const char **reterr_what)
{
    _cleanup_strv_ char **words = NULL;
    _cleanup_free_ char *word = malloc(strlen(s) + 1);

    if (!word)
        return -ENOMEM;
    for (;;) {
        size_t length = 0;
        char quote = '\0';
        int r;

        s += strspn(s, " \t");
        if (!*s)
            break;
        while (*s && (quote || !strchr(" \t", *s))) {
            if (*s == '\\') {
                int c;

                s++;
                c = unescape(&s);
                if (c < 0)
                    return invalid(reterr_what,
                                   "unknown escape after '\\': write '\\\\' for a backslash");
                word[length++] = (char)c;
            } else if (*s == '%') {
                if (s[1] != '%')
                    return invalid(reterr_what,
                                   "specifiers are not supported: write '%%' for a percent sign");
                word[length++] = '%';
                s += 2;
            } else if (quote ? *s == quote : *s == '"' || *s == '\'') {
                quote = quote ? '\0' : *s;
                s++;
            } else
                word[length++] = *s++;
        }
        if (quote)
            return invalid(reterr_what,
                           "missing closing quote: add it, or write '\\' before the quote");
        word[length] = '\0';
        r = strv_append(&words, word);
        if (r < 0)
            return r;
    }
    if (!words)
        return invalid(reterr_what, "no command: write an absolute path");
    if (words[0][0] != '/')
        return invalid(reterr_what, "the command is not an absolute path: begin it with '/'");
    *ret = TAKE_PTR(words);
    return 0;
}

char *unit_quote(const char *s)
{
    _cleanup_string_ String quoted = {};
    bool quote = !*s || strpbrk(s, " \t\"'\\;");
    char *text;

    if (quote)
        string_append(&quoted, "\"");
    while (*s) {
        size_t plain = strcspn(s, "%\"\\");

        string_appendf(&quoted, "%.*s", (int)plain, s);
        s += plain;
        if (*s) /* "%" is doubled; the other characters get a backslash */
            string_appendf(&quoted, "%c%c", *s == '%' ? '%' : '\\', *s);
        s += *s != '\0';
    }
    if (quote)
        string_append(&quoted, "\"");
    return string_finish(&quoted, &text) < 0 ? NULL : text;
}
