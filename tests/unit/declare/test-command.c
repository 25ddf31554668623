/* SPDX-License-Identifier: MIT */
/* Commands: how a line is split into words, and how a word is written in a unit. */
#include "declare/command.h"

#include "declare/unit-file.h"
#include "test.h"

static const struct {
    const char *text;
    const char *words[6];
} commands[] = {
    {"/bin/true", {"/bin/true"}},
    {"  /bin/true\t", {"/bin/true"}},
    {"/bin/echo a  b\tc", {"/bin/echo", "a", "b", "c"}},
    {"/bin/echo \"a b\" 'c d'", {"/bin/echo", "a b", "c d"}},
    {"/bin/echo \"\" ''", {"/bin/echo", "", ""}},
    {"/bin/echo a\"b c\"d'e f'", {"/bin/echo", "ab cde f"}},
    {"/bin/echo \"it's\" 'say \"no\"'", {"/bin/echo", "it's", "say \"no\""}},
    {"/bin/echo \\\"a \\'b", {"/bin/echo", "\"a", "'b"}},
    {"/bin/echo a\\sb \"c\\sd\"", {"/bin/echo", "a b", "c d"}},
    {"/bin/echo \\a\\b\\f\\n\\r\\t\\v\\\\", {"/bin/echo", "\a\b\f\n\r\t\v\\"}},
    {"/bin/echo \\x41\\x7a\\xfF", {"/bin/echo", "Az\xff"}},
    {"/bin/date +%%s 100%% %%%%", {"/bin/date", "+%s", "100%", "%%"}},
    {"/bin/echo $HOME ${HOME} `id` | a > b & c; d # e",
     {NULL}}, /* counted below: nothing of this means anything */
    {"\"/opt/my app/run\" x", {"/opt/my app/run", "x"}},
    {"/bin/echo Zust\xc3\xa4nde", {"/bin/echo", "Zust\xc3\xa4nde"}},
    {"/bin/echo =a -- -b", {"/bin/echo", "=a", "--", "-b"}},
};

static const struct {
    const char *text, *what;
} refused[] = {
    {"", "no command: write an absolute path"},
    {" \t", "no command: write an absolute path"},
    {"true", "the command is not an absolute path: begin it with '/'"},
    {"./true", "the command is not an absolute path: begin it with '/'"},
    {"\"\" /bin/true", "the command is not an absolute path: begin it with '/'"},
    {"@/bin/true x", "the command is not an absolute path: begin it with '/'"},
    {"-/bin/true", "the command is not an absolute path: begin it with '/'"},
    {"/bin/echo \"a", "missing closing quote: add it, or write '\\' before the quote"},
    {"/bin/echo 'a\"", "missing closing quote: add it, or write '\\' before the quote"},
    {"/bin/echo it's", "missing closing quote: add it, or write '\\' before the quote"},
    {"/bin/echo %s", "specifiers are not supported: write '%%' for a percent sign"},
    {"/bin/echo '%n'", "specifiers are not supported: write '%%' for a percent sign"},
    {"/bin/echo %", "specifiers are not supported: write '%%' for a percent sign"},
    {"/bin/echo %%%", "specifiers are not supported: write '%%' for a percent sign"},
    {"/bin/echo \\", "unknown escape after '\\': write '\\\\' for a backslash"},
    {"/bin/echo \\q", "unknown escape after '\\': write '\\\\' for a backslash"},
    {"/bin/echo \\x4", "unknown escape after '\\': write '\\\\' for a backslash"},
    {"/bin/echo \\xg1", "unknown escape after '\\': write '\\\\' for a backslash"},
    {"/bin/echo \\x00", "unknown escape after '\\': write '\\\\' for a backslash"},
};

static const struct {
    const char *word, *quoted;
} words[] = {
    {"a", "a"},
    {"/var/lib/app", "/var/lib/app"},
    {"", "\"\""},
    {"a b", "\"a b\""},
    {"a\tb", "\"a\tb\""},
    {"100%", "100%%"},
    {"%n", "%%n"},
    {"a\"b", "\"a\\\"b\""},
    {"it's", "\"it's\""},
    {"a\\b", "\"a\\\\b\""},
    {"a;b", "\"a;b\""},
    {";", "\";\""},
    {"Zust\xc3\xa4nde", "Zust\xc3\xa4nde"},
};

static bool is_split_into(char *const *argv, const char *const *expected, size_t n)
{
    if (strv_length(argv) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!streq(argv[i], expected[i]))
            return false;
    return true;
}

static void test_parse(void)
{
    for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
        _cleanup_strv_ char **argv = NULL;
        const char *what = NULL;
        size_t n = 0;
        int r = command_parse(commands[i].text, &argv, &what);

        while (n < ELEMENTSOF(commands[i].words) && commands[i].words[n])
            n++;
        if (n > 0)
            OK(r == 0 && is_split_into(argv, commands[i].words, n),
               "the words of the command %s are right", commands[i].text);
        else
            OK(r == 0 && strv_length(argv) == 13 && streq(argv[1], "$HOME") &&
                   streq(argv[3], "`id`") && streq(argv[4], "|") && streq(argv[11], "#"),
               "the characters of a shell have no meaning");
    }
    for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
        char **argv = NULL;
        const char *what = NULL;
        int r = command_parse(refused[i].text, &argv, &what);

        OK(r == -EINVAL && streq_null(what, refused[i].what) && !argv, "'%s' is refused: %s",
           refused[i].text, refused[i].what);
    }
}

/* Whatever bytes a word has: quoted as for a unit, it is read back as itself. */
static void test_round_trip(void)
{
    static const char letters[] = "ab %\\\"';\t/$#=-";
    unsigned seed = 1, wrong = 0;

    for (int round = 0; round < 5000; round++) {
        char word[12] = "";
        _cleanup_free_ char *quoted = NULL, *line = NULL;
        _cleanup_strv_ char **argv = NULL;
        const char *what;

        for (int i = rand_r(&seed) % 11; i > 0; i--)
            word[strlen(word)] = letters[(unsigned)rand_r(&seed) % (sizeof(letters) - 1)];
        quoted = unit_quote(word);
        line = quoted ? strprintf("/bin/x %s y", quoted) : NULL;
        if (!line || command_parse(line, &argv, &what) < 0 ||
            !is_split_into(argv, (const char *const[]){"/bin/x", word, "y"}, 3)) {
            printf("# '%s' became %s\n", word, quoted);
            wrong++;
        }
    }
    OK(wrong == 0, "5000 random words are the same after quoting and parsing");
}

static void test_expand(void)
{
    _cleanup_free_ char *expanded = unit_expand("%p-%i.service %%i %n %N %s", "app@one.socket");

    OK(streq_null(expanded, "app-one.service %i app@one.socket app@one %s"),
       "specifiers of a unit are expanded, and a doubled percent sign is one");
}

int main(void)
{
    test_parse();
    test_expand();
    for (size_t i = 0; i < ELEMENTSOF(words); i++) {
        _cleanup_free_ char *quoted = unit_quote(words[i].word);

        OK(streq_null(quoted, words[i].quoted), "the word '%s' is quoted for a unit",
           words[i].word);
    }
    test_round_trip();
    return tests_done();
}
