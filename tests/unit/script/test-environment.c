/* SPDX-License-Identifier: MIT */
/* Scripts get the variables that are declared, and none of the caller's. */
#include "script/environment.h"

#include "scratch.h"
#include "test.h"

static UnitLine lines[8];
static Declaration declaration = {.service_lines = {.items = lines}};
static char **environment;
static const char *path;

static void declare(const char *key, const char *value)
{
    lines[declaration.service_lines.n_items++] = (UnitLine){(char *)key, (char *)value, {NULL, 0}};
}

static int apply(void)
{
    int r;

    strv_free(environment);
    environment = NULL;
    MUST(environment_set(&environment, strdup("A=of the unit")) == 0);
    r = environment_add_declared(&declaration, &environment, &path);
    declaration.service_lines.n_items = 0;
    return r;
}

static void has(const char *name, const char *wanted, const char *what)
{
    _cleanup_free_ char *prefix = strprintf("%s=", name);
    const char *value = NULL;
    unsigned found = 0;

    STRV_FOREACH (variable, environment)
        if (startswith(*variable, prefix)) {
            value = *variable + strlen(prefix);
            found++;
        }
    OK(found == !!wanted && (!wanted || streq(value, wanted)), "%s: %s is %s", what, name,
       wanted ? wanted : "not set");
    if (value)
        printf("# got '%s'\n", value);
}

static void test_callers(void)
{
    setenv("SECRET", "of root's shell", true);
    setenv("NOTIFY_SOCKET", "/run/systemd/notify", true);
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/of-the-caller", true);
    setenv("LC_TIME", "C", true);
    OK(environment_leave_caller() == 0 && !getenv("SECRET"), "the caller's variables are removed");
    OK(!getenv("CREDENTIALS_DIRECTORY"), "the credentials of a caller that is a unit are removed");
    OK(getenv("LC_TIME"), "the caller's language is kept");
}

static void test_words(void)
{
    declare("Environment", "A=1 \"B=two words\" 'C=100%%' D=a\\x41 E=");
    declare("Environment", "A=2");
    declare("Nice", "10");
    OK(apply() == 0, "the Environment= lines are read");
    has("A", "2", "the last line takes precedence over earlier lines and over the unit");
    has("B", "two words", "quotes are removed");
    has("C", "100%", "a percent sign");
    has("D", "aA", "an escape");
    has("E", "", "an empty value");
    has("Nice", NULL, "a line with another key");
    declare("Environment", "A=1 B=2 C=3");
    declare("UnsetEnvironment", "B C=4 A=1");
    OK(apply() == 0, "the Environment= lines are read");
    has("A", "of the unit", "UnsetEnvironment= with the variable and its value");
    has("B", NULL, "UnsetEnvironment= with the variable");
    has("C", "3", "UnsetEnvironment= with the variable and another value");
}

static void test_file(void)
{
    _cleanup_free_ char *file = strprintf("%s/environment", scratch_path);

    scratch_text(scratch_fd, "environment",
                 "# a comment\n; another\n\nA=of the file \n  B=\"quoted # no comment\"\n"
                 "C='it'\"'\"'s'\nD=back\\\\slash\nnonsense\n1X=y\nE=\r\n");
    declare("EnvironmentFile", file);
    declare("Environment", "A=of the line");
    OK(apply() == 0, "the EnvironmentFile= is read");
    has("A", "of the file", "a file takes precedence over a line");
    has("B", "quoted # no comment", "quotes are removed");
    has("C", "it's", "two kinds of quotes");
    has("D", "back\\slash", "a backslash");
    has("E", "", "an empty value before a CRLF line end");
    has("1X", NULL, "an invalid name");
    declare("EnvironmentFile", "/nowhere/at/all");
    OK(apply() == -ENOENT && streq(path, "/nowhere/at/all"),
       "a missing EnvironmentFile= is an error");
    declare("EnvironmentFile", "-/nowhere/at/all");
    OK(apply() == 0, "a missing EnvironmentFile= with '-' before its path is ignored");
}

int main(void)
{
    scratch_make();
    test_callers();
    test_words();
    test_file();
    strv_free(environment);
    return tests_done();
}
