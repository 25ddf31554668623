/* SPDX-License-Identifier: MIT */
/* Strings, vectors, numbers with units, times, files, directories, escapes and problems. */
#include "basic/directory.h"
#include "basic/text.h"
#include "basic/time.h"
#include "basic/utf8.h"
#include "basic/util.h"
#include "declare/problem.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#define SECOND UINT64_C(1000000)
#define NONE   (UINT64_MAX - 1) /* refused */

static const struct {
    const char *text;
    uint64_t usec;
} durations[] = {
    {"0", 0},
    {"90", 90 * SECOND},
    {"90s", 90 * SECOND},
    {"5min", 300 * SECOND},
    {"1h 30s", 3630 * SECOND},
    {"1h30min", 5400 * SECOND},
    {"2 weeks 1day", (14 + 1) * 86400 * SECOND},
    {"1y", 31557600 * SECOND},
    {"1month", 2629800 * SECOND},
    {"500ms", SECOND / 2},
    {"1us", 1},
    {"infinity", UINT64_MAX},
    {"", NONE},
    {"-1", NONE},
    {"1.5h", NONE},
    {"soon", NONE},
    {"1 parsec", NONE},
    {"1h,", NONE},
    {"0x10", NONE},
    {"99999999999999999999", NONE},
    {"18446744073709551615us", NONE}, /* would be taken for infinity */
    {"18446744073709551614us 1us", NONE},
    {"99999999999999999y", NONE},
};

static const struct {
    const char *text;
    uint64_t bytes;
} sizes[] = {
    {"0", 0},
    {"1", 1},
    {"10B", 10},
    {"1K", 1024},
    {"10G", UINT64_C(10) << 30},
    {"1T", UINT64_C(1) << 40},
    {"16777215T", UINT64_C(16777215) << 40},
    {"infinity", UINT64_MAX},
    {"", NONE},
    {"G", NONE},
    {"1g", NONE},
    {"1GB", NONE},
    {"1 G", NONE},
    {"-1", NONE},
    {"+1", NONE},
    {" 1", NONE},
    {"1.5G", NONE},
    {"16777216T", NONE},
    {"99999999999999999999", NONE},
};

static const struct {
    const char *text;
    int value;
} booleans[] = {
    {"yes", 1},    {"true", 1},    {"on", 1},      {"1", 1},          {"YES", 1},
    {"no", 0},     {"off", 0},     {"false", 0},   {"0", 0},          {"Off", 0},
    {"", -EINVAL}, {"y", -EINVAL}, {"2", -EINVAL}, {"yes ", -EINVAL}, {"enabled", -EINVAL},
};

static const struct {
    const char *text;
    size_t length;
} characters[] = {
    {"a", 1},
    {"", 0},
    {"\x7f", 1},
    {"\xc2\x80", 2},
    {"\xc3\xa4x", 2},
    {"\xe2\x82\xac", 3},
    {"\xf0\x9f\x98\x80", 4},
    {"\xf4\x8f\xbf\xbd", 4},
    {"\x80", 0}, /* begins in the middle */
    {"\xff", 0},
    {"\xc3", 0}, /* ends in the middle */
    {"\xe2\x82", 0},
    {"\xc3(", 0},
    {"\xc0\xaf", 0}, /* overlong */
    {"\xe0\x80\xaf", 0},
    {"\xf0\x80\x80\xaf", 0},
    {"\xed\xa0\x80", 0}, /* a surrogate */
    {"\xef\xb7\x90", 0}, /* noncharacters */
    {"\xef\xbf\xbf", 0},
    {"\xf0\x9f\xbf\xbe", 0},
    {"\xf4\x90\x80\x80", 0}, /* beyond the last one */
    {"\xf8\x88\x80\x80\x80", 0},
};

static void test_tables(void)
{
    for (size_t i = 0; i < ELEMENTSOF(durations); i++) {
        uint64_t usec = NONE;
        int r = parse_duration(durations[i].text, &usec);

        OK(usec == durations[i].usec && (r == 0) == (usec != NONE), "the duration '%s' is parsed",
           durations[i].text);
    }
    for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
        uint64_t bytes = NONE;
        int r = parse_size(sizes[i].text, &bytes);

        OK(bytes == sizes[i].bytes && (r == 0) == (bytes != NONE), "the size '%s' is parsed",
           sizes[i].text);
    }
    for (size_t i = 0; i < ELEMENTSOF(booleans); i++)
        OK(parse_boolean(booleans[i].text) == booleans[i].value, "the boolean '%s' is parsed",
           booleans[i].text);
    for (size_t i = 0; i < ELEMENTSOF(characters); i++)
        OK(utf8_decode(characters[i].text, NULL) == characters[i].length,
           "the UTF-8 character %zu has the right length", i);
}

static void test_strings(void)
{
    char blank[] = " \t\r\n", padded[] = "\t a b \n", plain[] = "ab";
    _cleanup_string_ String s = {};
    _cleanup_free_ char *text = NULL;

    OK(startswith("abc", "ab") && startswith("abc", "") && !startswith("ab", "abc"),
       "startswith() compares the beginning");
    OK(endswith("abc", "bc") && endswith("abc", "") && !endswith("bc", "abc"),
       "endswith() compares the end");
    OK(streq_null(NULL, NULL) && !streq_null(NULL, "") && !streq_null("", NULL) &&
           streq_null("a", "a") && !streq_null("a", "b"),
       "NULL equals only NULL");
    OK(streq(strstrip_in_place(blank), "") && streq(strstrip_in_place(padded), "a b") &&
           streq(strstrip_in_place(plain), "ab"),
       "strstrip_in_place() strips both ends");
    OK(string_finish(&s, &text) == 0 && streq(text, ""), "a string without text is empty");
    for (int i = 0; i < 1000; i++)
        string_appendf(&s, "%d,", i);
    free(TAKE_PTR(text));
    OK(string_finish(&s, &text) == 0 && strlen(text) == 3890 && endswith(text, ",998,999,") &&
           !s.text,
       "a string grows, and is moved to the caller");
    OK(hash_string(HASH_INIT, "a") == UINT64_C(0x089be207b544f1e4) &&
           hash_string(HASH_INIT, NULL) != hash_string(HASH_INIT, "") &&
           hash_string(hash_string(HASH_INIT, "a"), "b") !=
               hash_string(hash_string(HASH_INIT, "ab"), ""),
       "the hash of a string includes its end");
}

static void test_vectors(void)
{
    _cleanup_strv_ char **v = NULL;
    _cleanup_free_ char *none = strv_join(NULL, ","), *joined = NULL;
    int *numbers = NULL;
    size_t n = 0;

    OK(strv_length(NULL) == 0 && !strv_contains(NULL, "a") && streq_null(none, ""),
       "NULL is an empty vector");
    OK(strv_append(&v, "b") == 0 && strv_append(&v, "a") == 0 && strv_append(&v, "") == 0 &&
           strv_length(v) == 3 && strv_contains(v, "") && !strv_contains(v, "c"),
       "strv_append() appends");
    OK(strv_consume(&v, NULL) == -ENOMEM && strv_length(v) == 3,
       "strv_consume() does not append NULL");
    strv_sort(v);
    joined = strv_join(v, "--");
    OK(streq_null(joined, "--a--b"), "strv_sort() sorts, and strv_join() joins");
    for (int i = 0; i < 100; i++) {
        int *added = ARRAY_GROW(numbers, n);

        if (added && *added == 0)
            *added = i;
    }
    OK(n == 100 && numbers[0] == 0 && numbers[99] == 99, "ARRAY_GROW() appends a zeroed element");
    free(numbers);
}

static void test_files(void)
{
    char directory[] = "/tmp/test-util.XXXXXX";
    _cleanup_free_ char *text = NULL;
    _cleanup_close_ int dir_fd = -1, fd = -1;
    size_t size = 0;

    if (mkdtemp(directory))
        dir_fd = open(directory, O_DIRECTORY | O_CLOEXEC);
    fd = openat(dir_fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    OK(fd >= 0 && write_all(fd, "ab\0cd", 5) == 0, "write_all() writes everything");
    OK(read_file_at(dir_fd, "file", 5, &text, &size) == 0 && size == 5 &&
           memcmp(text, "ab\0cd", 6) == 0,
       "read_file_at() reads the file and appends a NUL");
    OK(read_file_at(dir_fd, "file", 4, &text, &size) == -EFBIG,
       "a file that is too large gives EFBIG");
    OK(read_file_at(dir_fd, "none", 4, &text, &size) == -ENOENT, "a missing file gives ENOENT");
    OK(read_file_at(dir_fd, ".", 4, &text, &size) == -EISDIR, "a directory gives EISDIR");
    OK(mkfifoat(dir_fd, "fifo", 0600) == 0 &&
           read_file_at(dir_fd, "fifo", 4, &text, &size) == -EBADFD,
       "a FIFO gives EBADFD at once");
    unlinkat(dir_fd, "file", 0);
    unlinkat(dir_fd, "fifo", 0);
    rmdir(directory);
}

static void test_directories(void)
{
    char directory[] = "/tmp/test-util.XXXXXX";
    _cleanup_strv_ char **all = NULL, **some = NULL;
    _cleanup_closedir_ DIR *dir = NULL;
    _cleanup_close_ int dir_fd = -1;
    struct dirent *de;
    DIR *none = NULL;

    if (mkdtemp(directory))
        dir_fd = open(directory, O_DIRECTORY | O_CLOEXEC);
    OK(directory_open(dir_fd, ".", &dir) == 0 && directory_next(dir, &de) == 0,
       "directory_next() skips '.' and '..'");
    OK(mkdirat(dir_fd, "b", 0700) == 0 && mkdirat(dir_fd, "ab", 0700) == 0 &&
           mkdirat(dir_fd, "a", 0700) == 0 && directory_list(dir_fd, ".", "", &all) == 0 &&
           strv_length(all) == 3 && streq(all[0], "a") && streq(all[1], "ab") && streq(all[2], "b"),
       "directory_list() sorts the names");
    OK(directory_list(dir_fd, ".", "a", &some) == 0 && strv_length(some) == 2 &&
           streq(some[1], "ab"),
       "directory_list() lists names with a prefix");
    OK(symlinkat("a", dir_fd, "link") == 0 && directory_open(dir_fd, "link", &none) < 0 && !none,
       "directory_open() does not follow a link");
    OK(directory_take(-ENOENT, &none) == -ENOENT && !none,
       "directory_take() returns the given errno");
    unlinkat(dir_fd, "link", 0);
    unlinkat(dir_fd, "a", AT_REMOVEDIR);
    unlinkat(dir_fd, "ab", AT_REMOVEDIR);
    unlinkat(dir_fd, "b", AT_REMOVEDIR);
    rmdir(directory);
}

static void test_escapes(void)
{
    static const struct {
        const char *text, *special, *escaped;
    } cases[] = {
        {"", "", ""},
        {"a b \xc3\xa4", "", "a b \xc3\xa4"},
        {"a\nb\t\x7f", "", "a\\x0ab\\x09\\x7f"},
        {"it's \\", "'\\", "it\\x27s \\x5c"},
        {"\xff\xc3", "", "\\xff\\xc3"},
        {"\xc2\x9b[m", "", "\\xc2\\x9b[m"}, /* a C1 control */
        {"\xe2\x80\xae"
         "cod",
         "", "\\xe2\\x80\\xaecod"}, /* right to left */
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        _cleanup_string_ String s = {};
        _cleanup_free_ char *text = NULL;

        string_append_escaped(&s, cases[i].text, cases[i].special);
        OK(string_finish(&s, &text) == 0 && streq(text, cases[i].escaped),
           "the escaped text is '%s'", cases[i].escaped);
    }
}

static void test_times(void)
{
    _cleanup_free_ char *text = time_format(1795339058 * SECOND), *local = NULL, *bad = NULL;
    uint64_t usec = 0;

    OK(streq_null(text, "2026-11-22T09:17:38Z") && time_parse(text, &usec) == 0 &&
           usec == 1795339058 * SECOND,
       "a time is the same after formatting and parsing");
    OK(time_parse(NULL, &usec) < 0 && time_parse("2026-11-22T09:17:38Z ", &usec) < 0 &&
           time_parse("2026-11-22", &usec) < 0 && time_parse("1969-12-31T23:59:59Z", &usec) < 0,
       "a text in another format is not a time of a record");
    setenv("TZ", "Europe/Paris", 1);
    local = time_local_short(text);
    bad = time_local("rubbish");
    OK(streq_null(local, "2026-11-22 10:17:38") || streq_null(local, "2026-11-22 09:17:38"),
       "a time is shown as local time");
    OK(streq_null(bad, "rubbish"), "a text that is not a time is shown as it is");
}

static char *problem_text(Problems *problems, size_t i)
{
    return i < problems->n_items ? problem_format(problems->items + i) : NULL;
}

static void test_problems(void)
{
    _cleanup_(problems_free) Problems problems = {};
    _cleanup_free_ char *first = NULL, *second = NULL, *third = NULL, *fourth = NULL, *last = NULL;
    char value[4001];

    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    memcpy(value + 344, "\xe2\x82\xac", 3); /* across the place where it is cut */
    OK(!problems_any(&problems), "an empty list has no problems");
    problem_add(&problems, (Origin){"/a", 7}, "key=%s", "value");
    problem_add(&problems, (Origin){"/a\n\xff", 0}, "b\x1b[m\tc");
    problem_add(&problems, (Origin){}, "all");
    problem_add(&problems, (Origin){"/a", 1}, "%s is too long", value);
    first = problem_text(&problems, 0);
    second = problem_text(&problems, 1);
    third = problem_text(&problems, 2);
    fourth = problem_text(&problems, 3);
    OK(streq_null(first, "/a:7: key=value"), "a problem names its file and line");
    OK(streq_null(second, "/a\\x0a\\xff: b\\x1b[m\\x09c"),
       "a problem is one line of UTF-8 without control characters");
    OK(streq_null(third, "all"), "a problem without a file is only its text");
    OK(fourth && strlen(fourth) < 620 && startswith(fourth, "/a:1: xxx") &&
           strstr(fourth, "xx\xe2\x80\xa6xx") && endswith(fourth, "x is too long"),
       "a long problem keeps its beginning and its end");
    for (int i = 0; i < 1000; i++)
        problem_add(&problems, (Origin){"/a", 8}, "again");
    last = problem_text(&problems, problems.n_items - 1);
    OK(problems.n_items == PROBLEMS_MAX + 1 && problems_full(&problems) &&
           streq_null(last, "/a:8: more than 50 problems: fix these first"),
       "the last of many problems says that there are more");
}

static void test_nearest(void)
{
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"stauts", "status"},   /* two letters are exchanged */
        {"statuss", "status"},  /* a letter is too many */
        {"sttus", "status"},    /* a letter is missing */
        {"stetus", "status"},   /* a letter is wrong */
        {"restart", "start"},   /* a prefix is too many */
        {"hist", "history"},    /* the end is missing */
        {"rehearsal", "rehearse"},
        {"xyzzy", NULL},
        {"s", NULL},
        {"", NULL},
    };
    char *words[] = {(char *)"start", (char *)"status", (char *)"history", (char *)"rehearse", NULL};
    char *none[] = {NULL}, length[200] = "";

    ARRAY_FOREACH (row, rows, ELEMENTSOF(rows))
        OK(streq_null(text_nearest(row->word, words), row->nearest), "the nearest of '%s' is %s",
           row->word, row->nearest ? row->nearest : "none");
    memset(length, 's', sizeof(length) - 1);
    OK(!text_nearest(length, words), "a very long word is near to none");
    OK(!text_nearest("start", none) && !text_nearest("start", NULL), "nothing is in an empty list");
}

int main(void)
{
    test_nearest();
    test_tables();
    test_strings();
    test_vectors();
    test_files();
    test_directories();
    test_escapes();
    test_times();
    test_problems();
    return tests_done();
}
