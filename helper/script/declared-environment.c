/* SPDX-License-Identifier: MIT */
/* What migratectl check and a rehearsal before a switch find must be what a run would find. So a
 * Check= gets the variables that its unit would have given it, and nothing of whoever has called:
 * scripts belong to service users, and a root's shell may hold secrets. */
#include "script/declared-environment.h"

#include "declare/command.h"

#include <fcntl.h>

#define ENVIRONMENT_FILE_MAX (1U << 20)

extern char **environ;

bool environment_is_systemd_s(void)
{
    return getenv("NOTIFY_SOCKET"); /* NotifyAccess=main: each of our units has one */
}

static bool stays(const char *variable)
{
    static const char *const prefixes[] = {
        "LANG=", "LANGUAGE=", "LC_", "TERM=", "TZ=", "SYSTEMD_", "JOURNAL_STREAM="};

    for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
        if (startswith(variable, prefixes[i]))
            return true;
    return false;
}

/* Is this NAME=value, with a name that a shell would take? */
static bool is_assignment(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

    return n > 0 && word[n] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

static int leave_out(char **left_out, const char *key, const char *value, const char *why)
{
    if (*left_out)
        return 0;
    *left_out = strprintf("%s=%s in [MigrateService] is left out here: %s", key, value, why);
    return *left_out ? 0 : -ENOMEM;
}

/* The same words as those of a command, behind a program that is none. */
static int add_words(const char *value, char ***variables, char **left_out)
{
    _cleanup_free_ char *line = strprintf("/ %s", value);
    _cleanup_strv_ char **words = NULL;
    const char *what = NULL;
    int r = line ? command_parse(line, &words, &what) : -ENOMEM;

    if (r == -EINVAL)
        return leave_out(left_out, "Environment", value, what);
    for (size_t i = 1; r == 0 && words[i]; i++)
        if (is_assignment(words[i]))
            r = strv_append(variables, words[i]);
    return r;
}

/* One line of such a file, in place: quotes go, and what a backslash stands before stays. */
static void unquote(char *line)
{
    char *to = line, quote = '\0';

    for (const char *from = line; *from; from++)
        if (*from == '\\' && from[1] && quote != '\'')
            *to++ = *++from;
        else if (quote ? *from == quote : *from == '"' || *from == '\'')
            quote = quote ? '\0' : *from;
        else
            *to++ = *from;
    while (to > line && strchr(" \t\r", to[-1]))
        to--;
    *to = '\0';
}

static int add_file(const char *value, char ***variables, char **left_out)
{
    const char *path = value + (*value == '-');
    _cleanup_free_ char *text = NULL;
    char *state = NULL;
    size_t size;
    int r = read_file_at(AT_FDCWD, path, ENVIRONMENT_FILE_MAX, &text, &size);

    if (r < 0)
        return *value == '-' && r == -ENOENT
                   ? 0
                   : leave_out(left_out, "EnvironmentFile", value, strerror(-r));
    for (char *line = strtok_r(text, "\n", &state); r == 0 && line;
         line = strtok_r(NULL, "\n", &state)) {
        line += strspn(line, " \t");
        if (!is_assignment(line))
            continue;
        unquote(strchr(line, '=') + 1);
        r = strv_append(variables, line);
    }
    return r;
}

/* Files come after, and so over, what the lines say. An empty line takes back those before it. */
static int collect(const UnitLines *lines, const char *key,
                   int (*add)(const char *value, char ***variables, char **left_out),
                   char ***variables, char **left_out)
{
    _cleanup_strv_ char **own = NULL;
    int r = 0;

    for (size_t i = 0; r == 0 && i < lines->n_items; i++)
        if (!streq(lines->items[i].key, key)) {
            continue;
        } else if (!*lines->items[i].value) {
            strv_free(own);
            own = NULL;
        } else {
            r = add(lines->items[i].value, &own, left_out);
        }
    for (size_t i = 0; r == 0 && own && own[i]; i++)
        r = strv_append(variables, own[i]);
    return r;
}

static int export(char **variables)
{
    for (size_t i = 0; variables && variables[i]; i++) {
        char *equals = strchr(variables[i], '=');

        *equals = '\0';
        if (setenv(variables[i], equals + 1, true) < 0)
            return -errno;
    }
    return 0;
}

int environment_declare(const Declaration *declaration, char **ret_left_out)
{
    const UnitLines *lines = &declaration->service_lines;
    _cleanup_strv_ char **variables = NULL;
    _cleanup_free_ char *left_out = NULL;
    int r = 0;

    for (char **variable = environ; r == 0 && *variable; variable++)
        if (stays(*variable))
            r = strv_append(&variables, *variable);
    if (r == 0)
        r = collect(lines, "Environment", add_words, &variables, &left_out);
    if (r == 0)
        r = collect(lines, "EnvironmentFile", add_file, &variables, &left_out);
    if (r < 0 || clearenv() != 0)
        return r < 0 ? r : -ENOMEM;
    *ret_left_out = TAKE_PTR(left_out);
    return export(variables);
}
