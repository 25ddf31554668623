/* SPDX-License-Identifier: MIT */
/* Reads INI files with inih, which cuts lines at 200 bytes (release 55 then parses the rest as
 * separate lines), cuts values at " ;", joins indented lines, and accepts text after a header. So
 * inih gets one physical line at a time: the header, or the key and a placeholder. */
#include "declare/ini-file.h"

#include "basic/utf8.h"

#include <ini.h>

/* inih's own limit is 50 bytes; our sections and keys are much shorter. */
#define NAME_MAX_LENGTH 40

typedef struct Reader {
    const char *file, *next, *end;
    unsigned line;
    char *value;          /* value of the current line; owned */
    char placeholder[16]; /* given to inih instead of the value */
    bool skipping;        /* set after a refused header: the following keys belong to no section */
    IniHandler handler;
    void *userdata;
    Problems *problems;
    int error;
} Reader;

static bool is_section_name(const char *s, size_t length)
{
    return length >= 1 && length <= NAME_MAX_LENGTH && strspn(s, LETTERS) == length;
}

/* Is this a valid key? Digits and hyphens are allowed, because systemd accepts the key
 * "X-Mine2". */
static bool is_key_name(const char *s)
{
    size_t length = strlen(s);

    return strspn(s, LETTERS) >= 1 && length <= NAME_MAX_LENGTH &&
           strspn(s, LETTERS DIGITS "-") == length;
}

/* Adds a problem of the current line. Evaluates to 0, which skips the line. */
#define REFUSE(reader, ...)                                                                        \
    ({                                                                                             \
        problem_add((reader)->problems, (Origin){(reader)->file, (reader)->line}, __VA_ARGS__);    \
        0;                                                                                         \
    })

/* Does the value contain " ;"? systemd keeps this text, but inih takes it for a comment. Refusing
 * such a value keeps commands from being cut in half. */
static bool has_inline_comment(const char *value)
{
    for (const char *p = strchr(value, ';'); p; p = strchr(p + 1, ';'))
        if (p == value || p[-1] == ' ' || p[-1] == '\t')
            return true;
    return false;
}

static bool has_control_character(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return true;
    return false;
}

/* Is the line valid UTF-8? systemd ignores invalid lines, and would lose an assertion with such a
 * path. */
static bool is_utf8(const char *s)
{
    while (*s) {
        size_t length = utf8_decode(s, NULL);

        if (length == 0)
            return false;
        s += length;
    }
    return true;
}

/* Writes the header for inih to buffer. Returns the header's length; 0: skip the line. */
static int read_header(Reader *reader, char *line, char *buffer, size_t size)
{
    size_t length = strlen(line);

    reader->skipping = true;
    if (line[length - 1] != ']')
        return REFUSE(reader, strchr(line, ']')
                                  ? "text after the section header: move it to a line of its own"
                                  : "section header without a closing ']': add it");
    line[length - 1] = '\0';
    if (!is_section_name(line + 1, strlen(line + 1)))
        return REFUSE(reader, "unknown section [%s]: see migrate.d(5)", line + 1);
    reader->skipping = false;
    reader->error = reader->handler(line + 1, NULL, NULL, (Origin){reader->file, reader->line},
                                    reader->userdata);
    return snprintf(buffer, size, "[%s]\n", line + 1);
}

static int read_assignment(Reader *reader, char *line, char *buffer, size_t size)
{
    char *equals = strchr(line, '='), *key, *value;

    if (!equals)
        return REFUSE(reader,
                      "neither a section header nor Key=value: correct it, or begin a comment with "
                      "'#'");
    *equals = '\0';
    key = strstrip_in_place(line);
    value = strstrip_in_place(equals + 1);
    if (!*key)
        return REFUSE(reader, "no key before '=': write Key=value");
    if (!is_key_name(key))
        return REFUSE(reader, "unknown key '%s=': see migrate.d(5)", key);
    if (has_inline_comment(value))
        return REFUSE(reader,
                      "' ;' in a value looks like a comment: put the comment on a line of its own");
    if (endswith(value, "\\"))
        return REFUSE(reader,
                      "value ends in '\\', but lines cannot be continued: write it on one line");
    free(reader->value);
    reader->value = strdup(value);
    if (!reader->value) {
        reader->error = -ENOMEM;
        return 0;
    }
    snprintf(reader->placeholder, sizeof(reader->placeholder), "@%u", reader->line);
    return snprintf(buffer, size, "%s=%s\n", key, reader->placeholder);
}

/* Reads one physical line, and writes the line for inih to buffer. Returns its length; 0: skip the
 * line. */
static int read_line(Reader *reader, char *buffer, size_t size)
{
    const char *start = reader->next;
    const char *newline = memchr(start, '\n', (size_t)(reader->end - start));
    size_t length = (size_t)((newline ? newline : reader->end) - start);
    _cleanup_free_ char *copy = NULL;
    char *line;

    reader->next = newline ? newline + 1 : reader->end;
    reader->line++;
    if (reader->line == 1 && length >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0) {
        start += 3; /* skip the byte order mark */
        length -= 3;
    }
    if (length > 0 && start[length - 1] == '\r')
        length--;
    if (length > INI_LINE_MAX)
        return REFUSE(reader, "line of %zu bytes is too long: at most %d bytes are allowed", length,
                      INI_LINE_MAX);
    if (memchr(start, '\0', length))
        return REFUSE(reader, "NUL byte in the line: remove it");
    copy = strndup(start, length);
    if (!copy) {
        reader->error = -ENOMEM;
        return 0;
    }
    line = strstrip_in_place(copy);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (has_control_character(line))
        return REFUSE(reader, "control character in the line: remove it");
    if (!is_utf8(line))
        return REFUSE(reader, "the line is not valid UTF-8: save the file as UTF-8");
    if (*line == '[')
        return read_header(reader, line, buffer, size);
    if (reader->skipping)
        return 0;
    return read_assignment(reader, line, buffer, size);
}

static char *reader_gets(char *buffer, int size, void *stream)
{
    Reader *reader = stream;

    /* A skipped line becomes an empty line, so that inih counts it. */
    if (reader->error < 0 || reader->next >= reader->end || problems_full(reader->problems))
        return NULL;
    if (read_line(reader, buffer, (size_t)size) == 0)
        strcpy(buffer, "\n");
    return buffer;
}

static int handle(void *userdata, const char *section, const char *name, const char *value)
{
    Reader *reader = userdata;
    Origin origin = {reader->file, reader->line};

    if (!name || reader->error < 0)
        return 1; /* some builds of inih also call this for headers */
    if (!*section) {
        problem_add(reader->problems, origin,
                    "'%s=' is outside any section: move it below its section header", name);
        return 1;
    }
    if (!reader->value || !streq(value, reader->placeholder)) {
        problem_add(reader->problems, origin, "the INI parser rejects this line: see migrate.d(5)");
        return 1;
    }
    reader->error = reader->handler(section, name, reader->value, origin, reader->userdata);
    return 1;
}

int ini_read(const char *file, const char *text, size_t size, IniHandler handler, void *userdata,
             Problems *problems)
{
    Reader reader = {.file = file,
                     .next = text,
                     .end = text + size,
                     .handler = handler,
                     .userdata = userdata,
                     .problems = problems};
    int r;

    r = ini_parse_stream(reader_gets, &reader, handle, &reader);
    free(reader.value);
    if (reader.error < 0)
        return reader.error;
    if (r == -2)
        return -ENOMEM;
    if (r != 0)
        problem_add(problems, (Origin){file, r > 0 ? (unsigned)r : 0},
                    "the INI parser rejects this line: see migrate.d(5)");
    return 0;
}
