/* SPDX-License-Identifier: MIT */
/* INI files: which keys and lines the reader returns, and which files it refuses, with every
 * release of inih. */
#include "declare/ini-file.h"

#include "test.h"

/* What was handed on: "1[S] 2k=v "; what was refused: "3!text ". */
static const struct {
    const char *what, *text, *expected;
} files[] = {
    {"an empty file", "", ""},
    {"only comments", "# a\n; b\n  # c\n\n\t\n", ""},
    {"a section", "[S]\nk=v\n", "1[S] 2k=v "},
    {"no newline at the end of the file", "[S]\nk=v", "1[S] 2k=v "},
    {"white space around everything", " [S] \n\tk \t=\t v w \n", "1[S] 2k=v w "},
    {"CRLF", "[S]\r\nk=v\r\n\r\nl=w\r\n", "1[S] 2k=v 4l=w "},
    {"a byte order mark", "\xef\xbb\xbf[S]\nk=v\n", "1[S] 2k=v "},
    {"two byte order marks", "\xef\xbb\xbf\xef\xbb\xbf[S]\nk=v\n",
     "1!neither a section header nor Key=value: correct it, or begin a comment with '#' 2!'k=' is "
     "outside any section: move it below its section header "},
    {"an empty value", "[S]\nk=\n", "1[S] 2k= "},
    {"equals signs in a value", "[S]\nk==a=b=\n", "1[S] 2k==a=b= "},
    {"a colon instead of an equals sign", "[S]\nk: v\nk=a:b\n",
     "1[S] 2!neither a section header nor Key=value: correct it, or begin a comment with '#' "
     "3k=a:b "},
    {"a key that is repeated", "[S]\nk=v\nk=v\n", "1[S] 2k=v 3k=v "},
    {"a section that is repeated", "[S]\n[S]\nk=v\n", "1[S] 2[S] 3k=v "},
    {"an indented line", "[S]\nk=v\n  w\n  l=x\n",
     "1[S] 2k=v 3!neither a section header nor Key=value: correct it, or begin a comment with '#' "
     "4l=x "},
    {"a hash in a value", "[S]\nk=a # b\n", "1[S] 2k=a # b "},
    {"a semicolon in a value", "[S]\nk=a;b;\n", "1[S] 2k=a;b; "},
    {"a semicolon after a space", "[S]\nk=a ;b\nl=w\n",
     "1[S] 2!' ;' in a value looks like a comment: put the comment on a line of its own 3l=w "},
    {"quotes in a value", "[S]\nk=\" a \"\n", "1[S] 2k=\" a \" "},
    {"brackets in a value", "[S]\nk=[T]\n", "1[S] 2k=[T] "},
    {"digits and hyphens in a key", "[S]\nX-k2=v\n2k=v\n-k=v\n",
     "1[S] 2X-k2=v 3!unknown key '2k=': see migrate.d(5) 4!unknown key '-k=': see migrate.d(5) "},
    {"keys below a refused header", "[S\nk=v\n[T]\nl=w\n",
     "1!section header without a closing ']': add it 3[T] 4l=w "},
    {"text after a header", "[S]x\nk=v\n[S] [T]\n[S]]\n",
     "1!text after the section header: move it to a line of its own 3!unknown section [S] [T]: see "
     "migrate.d(5) 4!unknown section [S]]: see migrate.d(5) "},
    {"a header without a name", "[]\n[ ]\n[",
     "1!unknown section []: see migrate.d(5) 2!unknown section [ ]: see migrate.d(5) "
     "3!section header without a closing ']': add it "},
    {"a line that begins with '='", "[S]\n=v\n", "1[S] 2!no key before '=': write Key=value "},
    {"a backslash at the end", "[S]\nk=a\\\nl=b\\ \nm=c\\d\n",
     "1[S] 2!value ends in '\\', but lines cannot be continued: write it on one line "
     "3!value ends in '\\', but lines cannot be continued: write it on one line 4m=c\\d "},
    {"control characters", "[S]\nk=a\tb\nl=a\x01\nm=\x7f\nn=\x1b[m\n",
     "1[S] 2k=a\tb 3!control character in the line: remove it 4!control character in the line: "
     "remove it 5!control character in the line: remove it "},
    {"invalid UTF-8", "[S]\nk=\xff\n# \xff\nl=\xc3\xa4\n",
     "1[S] 2!the line is not valid UTF-8: save the file as UTF-8 4l=\xc3\xa4 "},
};

static int note(const char *section, const char *key, const char *value, Origin origin,
                void *userdata)
{
    String *text = userdata;

    if (key)
        string_appendf(text, "%u%s=%s ", origin.line, key, value);
    else
        string_appendf(text, "%u[%s] ", origin.line, section);
    return 0;
}

/* The handler's notes and the problems, as they come by line. */
static char *read_text(const char *text, size_t size)
{
    _cleanup_string_ String notes = {}, all = {};
    _cleanup_(problems_free) Problems problems = {};
    char *log = NULL;
    const char *p;
    size_t next = 0;
    int r;

    r = ini_read("file", text, size, note, &notes, &problems);
    if (r < 0)
        return strprintf("error %d", r);
    for (p = notes.text ? notes.text : ""; *p || next < problems.n_items;) {
        unsigned line = *p ? (unsigned)strtoul(p, NULL, 10) : UINT32_MAX;

        if (next < problems.n_items && problems.items[next].line <= line) {
            string_appendf(&all, "%u!%s ", problems.items[next].line, problems.items[next].text);
            next++;
            continue;
        }
        do /* one note: up to a space before the next number */
            string_appendf(&all, "%c", *p);
        while (*++p && !(p[-1] == ' ' && *p >= '0' && *p <= '9'));
    }
    return string_finish(&all, &log) < 0 ? NULL : log;
}

static void test_table(void)
{
    for (size_t i = 0; i < ELEMENTSOF(files); i++) {
        _cleanup_free_ char *log = read_text(files[i].text, strlen(files[i].text));

        OK(streq_null(log, files[i].expected), "%s: the file is read as expected", files[i].what);
        if (!streq_null(log, files[i].expected))
            printf("# %s\n# %s\n", files[i].expected, log);
    }
}

/* inih's own bounds are 200 bytes for a line and 50 for names: nothing happens there. */
static void test_lengths(void)
{
    unsigned wrong = 0;

    for (size_t length = 1; length <= 70000; length += length < 600 ? 1 : 9973) {
        _cleanup_free_ char *value = malloc(length + 1), *text = NULL, *log = NULL, *wanted = NULL;

        if (!value)
            abort();
        for (size_t i = 0; i < length; i++)
            value[i] = "[S] k=v;#"[i % 9] == ' ' ? '_' : "[S] k=v;#"[i % 9];
        value[length] = '\0';
        text = strprintf("[S]\nk=%s\nl=w\n", value);
        if (length + 2 > INI_LINE_MAX)
            wanted = strprintf(
                "1[S] 2!line of %zu bytes is too long: at most %d bytes are allowed 3l=w ",
                length + 2, INI_LINE_MAX);
        else
            wanted = strprintf("1[S] 2k=%s 3l=w ", value);
        log = text ? read_text(text, strlen(text)) : NULL;
        wrong += !streq_null(log, wanted);
    }
    OK(wrong == 0, "a value is read whole, or is refused because its line is too long");
}

static void test_nul(void)
{
    static const char text[] = "[S]\nk=a\0b\nl=w\n\0\n";
    _cleanup_free_ char *log = read_text(text, sizeof(text) - 1);

    OK(streq_null(log,
                  "1[S] 2!NUL byte in the line: remove it 3l=w 4!NUL byte in the line: remove it "),
       "a line with a NUL byte is refused");
}

static int fail(const char *section, const char *key, const char *value, Origin origin,
                void *userdata)
{
    ++*(int *)userdata;
    return key ? -E2BIG : 0;
}

static void test_handler(void)
{
    static const char text[] = "[S]\nk=v\nl=w\n";
    Problems problems = {};
    int calls = 0;

    OK(ini_read("f", text, strlen(text), fail, &calls, &problems) == -E2BIG && calls == 2 &&
           !problems_any(&problems),
       "reading ends with the first error of the handler");
}

static void test_flood(void)
{
    _cleanup_(problems_free) Problems problems = {};
    _cleanup_string_ String text = {}, notes = {};

    for (int i = 0; i < 100000; i++)
        string_append(&text, "nonsense\n");
    OK(ini_read("f", text.text, text.length, note, &notes, &problems) == 0 &&
           problems.n_items == PROBLEMS_MAX + 1,
       "no more than the maximum number of problems is collected");
}

/* Random bytes: no crash, the same result twice, and every line that is reported exists. */
static void test_noise(void)
{
    static const char pieces[][8] = {"[", "]", "=",  "\n", "\n",   "k",    "State", " ",
                                     ";", "#", "\\", "\t", "\r\n", "\xff", "\x01",  "v"};
    unsigned seed = 7, wrong = 0;

    for (int round = 0; round < 3000; round++) {
        _cleanup_string_ String text = {}, notes = {}, again = {};
        _cleanup_(problems_free) Problems problems = {}, others = {};
        unsigned lines = 1;

        for (int i = rand_r(&seed) % 60; i >= 0; i--)
            string_append(&text, pieces[(unsigned)rand_r(&seed) % ELEMENTSOF(pieces)]);
        for (const char *p = text.text; *p; p++)
            lines += *p == '\n';
        if (ini_read("f", text.text, text.length, note, &notes, &problems) < 0 ||
            ini_read("f", text.text, text.length, note, &again, &others) < 0 ||
            !streq_null(notes.text, again.text) || problems.n_items != others.n_items)
            wrong++;
        for (size_t i = 0; i < problems.n_items; i++)
            wrong += problems.items[i].line < 1 || problems.items[i].line > lines;
    }
    OK(wrong == 0,
       "3000 random files each give the same result twice, and problems in existing lines");
}

int main(void)
{
    test_table();
    test_lengths();
    test_nul();
    test_handler();
    test_flood();
    test_noise();
    return tests_done();
}
