/* SPDX-License-Identifier: MIT */
/* Makes the environment of scripts. Environment= and similar lines are read here, and not by
 * systemd for the helper's unit, where LD_PRELOAD would run code as root. */
#include "script/environment.h"

#include "declare/command.h"

#include <fcntl.h>
#include <pwd.h>

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

/* Looks at the parent process to find out whether PID 1 has started this process, since shells
 * inherit variables such as $NOTIFY_SOCKET. */
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

/* Parses the value of Environment= or UnsetEnvironment=. The first word is "/". */
static int parse_words(const char *value, char ***ret)
{
    _cleanup_free_ char *line = strprintf("/ %s", value);
    const char *what;

    return line ? command_parse(line, ret, &what) : -ENOMEM;
}

static int add_words(char ***environment, const char *value)
{
    _cleanup_strv_ char **words = NULL;
    int r = parse_words(value, &words);

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

/* Removes variables. A word NAME removes the variable NAME; a word NAME=value removes the variable
 * only if it has that value. */
static int unset_words(char **variables, const char *value)
{
    _cleanup_strv_ char **words = NULL;
    int r = parse_words(value, &words);

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

/* Says whether a variable is only for the helper: scripts do not get it. */
static bool is_for_helper(const char *variable)
{
    static const char *const names[] = {
        "NOTIFY_SOCKET=",  "WATCHDOG_USEC=", "WATCHDOG_PID=",   "LISTEN_FDS=", "LISTEN_PID=",
        "LISTEN_FDNAMES=", "MAINPID=",       "JOURNAL_STREAM=", "HOME=",       "USER=",
        "LOGNAME=",        "SHELL=",         "TMPDIR=",         "PWD=",        "OLDPWD=",
        "XDG_RUNTIME_DIR="};

    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        if (startswith(variable, names[i]))
            return true;
    return false;
}

static int add(char ***environment, const char *name, const char *value)
{
    return value ? environment_set(environment, strprintf("%s=%s", name, value)) : 0;
}

/* Adds PREFIX1=, PREFIX2=, … */
static int add_numbered(char ***environment, const char *prefix, size_t i, const char *value)
{
    return environment_set(environment, strprintf("%s%zu=%s", prefix, i + 1, value));
}

static bool has(char **environment, const char *name)
{
    STRV_FOREACH (variable, environment)
        if (is_same_name(*variable, name))
            return true;
    return false;
}

static bool has_backup(const ScriptCall *call)
{
    for (size_t i = 0; i < call->n_extra; i++)
        if (streq(call->extra[i].path, SCRIPT_BACKUP))
            return true;
    return false;
}

static int add_own(const ScriptContext *context, const ScriptCall *call, const char *user,
                   char ***environment)
{
    char *const *hosts = call->external ? context->host_paths : NULL, *end;
    unsigned long uid = strtoul(user, &end, 10);
    const struct passwd *pw = *end ? getpwnam(user) : getpwuid((uid_t)uid);
    bool known = call->from && call->to, down = known && version_compare(call->from, call->to) > 0;
    const struct {
        const char *name, *value;
    } variables[] = {
        {"HOME", pw && *pw->pw_dir ? pw->pw_dir : "/"},
        {"USER", pw ? pw->pw_name : user},
        {"LOGNAME", pw ? pw->pw_name : user},
        {"SHELL", "/bin/sh"},
        {"TMPDIR", has(*environment, "TMPDIR") ? NULL : "/tmp"},
        {"SERVICE", context->declaration->name},
        {"FROM", call->from},
        {"TO", call->to},
        {"DIRECTION", !known ? NULL
                      : down ? "down"
                             : "up"},
        {"FROM_SOFTWARE", context->from_software},
        {"TO_SOFTWARE", context->declaration->software},
        {"LIVE", call->open ? "yes" : NULL},
        {"CHECK_ONLY", call->check_only ? "yes" : NULL},
        {"STATE", context->n_trees > 0 ? context->trees[0].path : NULL},
        {"STATE_HOST", hosts ? hosts[0] : NULL},
        {"BACKUP", has_backup(call) ? SCRIPT_BACKUP : NULL},
    };
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(variables); i++)
        r = add(environment, variables[i].name, variables[i].value);
    for (size_t i = 0; r == 0 && i < context->n_trees; i++)
        r = add_numbered(environment, "STATE_", i, context->trees[i].path);
    for (size_t i = 0; r == 0 && hosts && hosts[i]; i++)
        r = add_numbered(environment, "STATE_HOST_", i, hosts[i]);
    return r;
}

int environment_build(const ScriptContext *context, const ScriptCall *call, const char *user,
                      char ***ret, const char **ret_path)
{
    _cleanup_strv_ char **environment = NULL;
    int r;

    *ret_path = NULL;
    r = add(&environment, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (char **variable = environ; r == 0 && *variable; variable++)
        if (!is_for_helper(*variable))
            r = environment_set(&environment, strdup(*variable));
    if (r == 0)
        r = environment_add_declared(context->declaration, &environment, ret_path);
    if (r == 0)
        r = add_own(context, call, user, &environment);
    if (r == 0)
        *ret = TAKE_PTR(environment);
    return r;
}
