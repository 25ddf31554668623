/* SPDX-License-Identifier: MIT */
/* A helper that runs without its unit gets the declared variables, and no others. */
#include "script/declared-environment.h"

#include "scratch.h"
#include "test.h"

static UnitLine lines[8];
static Declaration declaration = {.service_lines = {.items = lines}};

static void declare(const char *key, const char *value)
{
    lines[declaration.service_lines.n_items++] = (UnitLine){(char *)key, (char *)value, {NULL, 0}};
}

/* The text about lines that were left out; the caller frees it. */
static char *apply(void)
{
    char *left_out = NULL;

    OK(environment_declare(&declaration, &left_out) == 0, "the declared environment is made");
    declaration.service_lines.n_items = 0;
    return left_out;
}

static void has(const char *name, const char *wanted, const char *what)
{
    const char *value = getenv(name);

    OK(value && wanted ? streq(value, wanted) : value == wanted, "%s: the value of %s is %s", what,
       name, wanted ? wanted : "not set");
    if (value && wanted && !streq(value, wanted))
        printf("# got '%s'\n", value);
}

static void test_callers(void)
{
    setenv("SECRET", "of root's shell", true);
    setenv("PATH", "/home/somebody/bin", true);
    setenv("LC_TIME", "C", true);
    setenv("Nice", "1", true);
    declare("Nice", "10");
    OK(!apply(), "nothing of the declaration is left out");
    has("SECRET", NULL, "a variable of the caller is removed");
    has("PATH", NULL, "a variable of the caller is removed");
    has("Nice", NULL, "a line other than Environment= sets no variable");
    has("LC_TIME", "C", "a variable of the language is kept");
}

static void test_words(void)
{
    declare("Environment", "A=1 \"B=two words\" 'C=100%%' D=a\\x41 no-assignment 1X=y E=");
    declare("Environment", "A=2");
    OK(!apply(), "nothing of the declaration is left out");
    has("A", "2", "the last assignment counts");
    has("B", "two words", "a quoted assignment is one word");
    has("C", "100%", "a doubled percent sign is one");
    has("D", "aA", "an escape is decoded");
    has("E", "", "an empty assignment is set");
    has("1X", NULL, "a name that is not valid is not set");
    declare("Environment", "A=1");
    declare("Environment", "");
    declare("Environment", "B=3");
    OK(!apply(), "nothing of the declaration is left out");
    has("A", NULL, "an empty Environment= removes earlier assignments");
    has("B", "3", "an assignment after an empty Environment= is set");
    has("C", NULL, "a variable of an earlier declaration is removed");
}

static void test_left_out(void)
{
    char *left_out;

    declare("Environment", "A=1");
    declare("Environment", "HOST=%H");
    declare("EnvironmentFile", "/nowhere/at/all");
    declare("EnvironmentFile", "-/nowhere/either");
    left_out = apply();
    OK(left_out &&
           strstr(left_out, "Environment=HOST=%H in [MigrateService] is left out here: specifiers"),
       "a line with a specifier is left out and reported");
    printf("# %s\n", left_out ? left_out : "");
    has("A", "1", "a line beside one that is left out is set");
    has("HOST", NULL, "a line with a specifier is not set");
    free(left_out);
    declare("EnvironmentFile", "/nowhere/at/all");
    left_out = apply();
    OK(left_out && strstr(left_out, "No such file"), "a missing file is reported");
    free(left_out);
    declare("EnvironmentFile", "-/nowhere/at/all");
    OK(!apply(), "a missing file after a - is not reported");
}

static void test_file(void)
{
    char *path = strprintf("%s/environment", scratch_path);

    scratch_text(scratch_fd, "environment",
                 "# a comment\n; another\n\nA=of the file \n  B=\"quoted # no comment\"\n"
                 "C='it'\"'\"'s'\nD=back\\\\slash\nnonsense\nE=\r\n");
    declare("EnvironmentFile", path);
    declare("Environment", "A=of the line");
    OK(!apply(), "nothing of the declaration is left out");
    has("A", "of the file", "a file takes precedence over a line");
    has("B", "quoted # no comment", "a quoted value of a file is decoded");
    has("C", "it's", "a value with two kinds of quotes is decoded");
    has("D", "back\\slash", "a backslash in a file is decoded");
    has("E", "", "a carriage return at the end of a line is ignored");
    free(path);
}

int main(void)
{
    scratch_make();
    test_callers();
    test_words();
    test_left_out();
    test_file();
    setenv("NOTIFY_SOCKET", "/run/systemd/notify", true);
    OK(environment_is_systemd_s(), "the environment of a unit is recognised as made by systemd");
    unsetenv("NOTIFY_SOCKET");
    OK(!environment_is_systemd_s(),
       "the environment of a shell is not recognised as made by systemd");
    return tests_done();
}
