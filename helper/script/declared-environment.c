/* SPDX-License-Identifier: MIT */
/* Reads Environment= and similar lines as systemd does. In the unit, these variables would be in
 * the helper's environment, where LD_PRELOAD runs code as root.
 *
 * Scripts belong to service users, and the shell of a user who calls the helper may hold secrets,
 * so the caller's variables are removed. */
#include "script/declared-environment.h"

#include "declare/command.h"

#include <fcntl.h>

#define ENVIRONMENT_FILE_MAX (1U << 20)

extern char **environ;

static bool stays(const char *variable)
{
    static const char *const prefixes[] = {
        "LANG=", "LANGUAGE=", "LC_", "TERM=", "TZ=", "SYSTEMD_", "JOURNAL_STREAM="};

    for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
        if (startswith(variable, prefixes[i]))
            return true;
    return false;
}

/* The parent tells whether PID 1 has started this process. Variables such as $NOTIFY_SOCKET do not:
 * shells inherit them. */
int environment_leave_caller(void)
{
    _cleanup_strv_ char **kept = NULL;
    int r = 0;

    if (getppid() == 1)
        return 0;
    for (char **variable = environ; r == 0 && *variable; variable++)
        if (stays(*variable))
            r = strv_append(&kept, *variable);
    if (r < 0 || clearenv() != 0)
        return -ENOMEM;
    STRV_FOREACH (variable, kept) {
        char *equals = strchr(*variable, '=');

        *equals = '\0';
        if (setenv(*variable, equals + 1, true) < 0)
            return -ENOMEM;
    }
    return 0;
}

static bool is_same_name(const char *variable, const char *name)
{
    size_t n = strcspn(name, "=");

    return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

int environment_set(char ***environment, char *variable)
{
    STRV_FOREACH (other, *environment)
        if (variable && is_same_name(*other, variable)) {
            free(*other);
            *other = variable;
            return 0;
        }
    return strv_consume(environment, variable);
}

static int add_words(char ***environment, const char *value)
{
    _cleanup_free_ char *line = strprintf("/ %s", value);
    _cleanup_strv_ char **words = NULL;
    const char *what;
    int r = line ? command_parse(line, &words, &what) : -ENOMEM;

    for (size_t i = 1; r == 0 && words[i]; i++)
        r = environment_set(environment, strdup(words[i]));
    return r;
}

/* Removes quotes and trailing blanks, in place. A character after a backslash stays as it is. */
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

static int add_file(char ***environment, const char *value, const char **ret_path)
{
    const char *path = value + (*value == '-');
    _cleanup_free_ char *text = NULL;
    char *state = NULL;
    size_t size;
    int r = read_file_at(AT_FDCWD, path, ENVIRONMENT_FILE_MAX, &text, &size);

    *ret_path = path;
    if (r < 0)
        return *value == '-' && r == -ENOENT ? 0 : r;
    for (char *line = strtok_r(text, "\n", &state); r == 0 && line;
         line = strtok_r(NULL, "\n", &state)) {
        line += strspn(line, " \t");
        if (!word_is_assignment(line))
            continue;
        unquote(strchr(line, '=') + 1);
        r = environment_set(environment, strdup(line));
    }
    return r;
}

/* Removes variables. A word NAME removes the variable; a word NAME=value removes it only if it has
 * that value. */
static int unset_words(char **variables, const char *value)
{
    _cleanup_free_ char *line = strprintf("/ %s", value);
    _cleanup_strv_ char **words = NULL;
    const char *what;
    int r = line ? command_parse(line, &words, &what) : -ENOMEM;

    for (size_t i = 1; r == 0 && words[i]; i++) {
        char **to = variables;

        STRV_FOREACH (variable, variables) {
            if (strchr(words[i], '=') ? streq(*variable, words[i])
                                      : is_same_name(*variable, words[i]))
                free(*variable);
            else
                *to++ = *variable;
        }
        if (to)
            *to = NULL;
    }
    return r == -EINVAL ? 0 : r;
}

/* EnvironmentFile= comes after Environment=, as in systemd. */
int environment_add_declared(const Declaration *declaration, char ***environment,
                             const char **ret_path)
{
    static const char *const keys[] = {"Environment", "EnvironmentFile", "UnsetEnvironment"};
    const UnitLines *lines = &declaration->service_lines;
    _cleanup_strv_ char **own = NULL;
    int r = 0;

    *ret_path = NULL;
    for (size_t key = 0; key < ELEMENTSOF(keys); key++)
        for (size_t i = 0; r == 0 && i < lines->n_items; i++)
            if (streq(lines->items[i].key, keys[key]))
                r = key == 0   ? add_words(&own, lines->items[i].value)
                    : key == 1 ? add_file(&own, lines->items[i].value, ret_path)
                               : unset_words(own, lines->items[i].value);
    STRV_FOREACH (variable, own)
        if (r == 0)
            r = environment_set(environment, strdup(*variable));
    return r;
}
