/* SPDX-License-Identifier: MIT */
/* A helper that is called without its unit has the variables that are declared, and nobody else's.
 */
#include "script/declared-environment.h"

#include "scratch.h"
#include "test.h"

static UnitLine lines[8];
static Declaration declaration = {.service_lines = {.items = lines}};

static void declare(const char *key, const char *value)
{
    lines[declaration.service_lines.n_items++] = (UnitLine){(char *)key, (char *)value, {NULL, 0}};
}

/* What was left out; the caller owns it. */
static char *apply(void)
{
    char *left_out = NULL;

    OK(environment_declare(&declaration, &left_out) == 0, "it is made");
    declaration.service_lines.n_items = 0;
    return left_out;
}

static void has(const char *name, const char *wanted, const char *what)
{
    const char *value = getenv(name);

    OK(value && wanted ? streq(value, wanted) : value == wanted, "%s: %s is %s", what, name,
       wanted ? wanted : "not there");
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
    OK(!apply(), "nothing to leave out");
    has("SECRET", NULL, "the caller's own");
    has("PATH", NULL, "the caller's own");
    has("Nice", NULL, "another line");
    has("LC_TIME", "C", "the language");
}

static void test_words(void)
{
    declare("Environment", "A=1 \"B=two words\" 'C=100%%' D=a\\x41 no-assignment 1X=y E=");
    declare("Environment", "A=2");
    OK(!apply(), "nothing to leave out");
    has("A", "2", "the last counts");
    has("B", "two words", "quoted");
    has("C", "100%", "a percent sign");
    has("D", "aA", "an escape");
    has("E", "", "empty");
    has("1X", NULL, "no name");
    declare("Environment", "A=1");
    declare("Environment", "");
    declare("Environment", "B=3");
    OK(!apply(), "nothing to leave out");
    has("A", NULL, "taken back");
    has("B", "3", "behind that");
    has("C", NULL, "of the former");
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
       "a specifier is left out, and it is said");
    printf("# %s\n", left_out ? left_out : "");
    has("A", "1", "the others");
    has("HOST", NULL, "the one");
    free(left_out);
    declare("EnvironmentFile", "/nowhere/at/all");
    left_out = apply();
    OK(left_out && strstr(left_out, "No such file"), "a file that is missing, too");
    free(left_out);
    declare("EnvironmentFile", "-/nowhere/at/all");
    OK(!apply(), "one that may be missing is no matter");
}

static void test_file(void)
{
    char *path = strprintf("%s/environment", scratch_path);

    scratch_text(scratch_fd, "environment",
                 "# a comment\n; another\n\nA=of the file \n  B=\"quoted # no comment\"\n"
                 "C='it'\"'\"'s'\nD=back\\\\slash\nnonsense\nE=\r\n");
    declare("EnvironmentFile", path);
    declare("Environment", "A=of the line");
    OK(!apply(), "nothing to leave out");
    has("A", "of the file", "a file counts more than a line");
    has("B", "quoted # no comment", "quoted");
    has("C", "it's", "two kinds of quotes");
    has("D", "back\\slash", "a backslash");
    has("E", "", "empty, with a line's end of another system");
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
    OK(environment_is_systemd_s(), "a unit's own environment is systemd's");
    unsetenv("NOTIFY_SOCKET");
    OK(!environment_is_systemd_s(), "a shell's is not");
    return tests_done();
}
