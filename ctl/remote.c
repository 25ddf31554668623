/* SPDX-License-Identifier: MIT */
/* --host= and --machine=: run migratectl itself on the other system, because migratectl reads more
 * from files than from a bus. Containers use systemd-run, because machinectl shell returns no exit
 * status and always allocates a terminal. */
#include "remote.h"

#include "terminal/output.h"

/* $0 is the name of the other system. On NixOS, the PATH of a unit differs from the PATH of a
 * login. */
#define SCRIPT                                                                                     \
    "PATH=$PATH:/run/current-system/sw/bin:/usr/local/bin; "                                       \
    "command -v migratectl >/dev/null || "                                                         \
    "{ echo \"migratectl: there is no migratectl on $0: install systemd-migrate there\" >&2; "     \
    "exit 1; }; "                                                                                  \
    "exec migratectl \"$@\""

/* Appends the word, with each c replaced. */
static void append_replacing(String *s, const char *word, char c, const char *by)
{
    for (const char *next; (next = strchr(word, c)); word = next + 1)
        string_appendf(s, "%.*s%s", (int)(next - word), word, by);
    string_append(s, word);
}

/* Appends the word, quoted for any shell. */
static void append_quoted(String *s, const char *word)
{
    string_append(s, "'");
    append_replacing(s, word, '\'', "'\\''");
    string_append(s, "'");
}

static int append_all(char ***v, const char *const *words)
{
    int r = 0;

    for (; r == 0 && *words; words++)
        r = strv_append(v, *words);
    return r;
}

static int build_ssh(const char *host, char **arguments, char ***ret)
{
    bool terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    const char *const begin[] = {"ssh", terminal ? "-t" : "-T", "-o", "LogLevel=ERROR", "--", host,
                                 NULL};
    _cleanup_string_ String s = {};
    char *line = NULL;
    int r = append_all(ret, begin);

    string_append(&s, "exec /bin/sh -c ");
    append_quoted(&s, SCRIPT);
    string_append(&s, " ");
    append_quoted(&s, host);
    STRV_FOREACH (argument, arguments) {
        string_append(&s, " ");
        append_quoted(&s, *argument);
    }
    if (r == 0)
        r = string_finish(&s, &line);
    return r == 0 ? strv_consume(ret, line) : r;
}

/* Appends a word with "$" doubled, because the other systemd expands "$X" and "${X}" in commands of
 * units. */
static int append_unexpanded(char ***v, const char *word)
{
    _cleanup_string_ String s = {};
    char *doubled = NULL;
    int r;

    append_replacing(&s, word, '$', "$$");
    r = string_finish(&s, &doubled);
    return r == 0 ? strv_consume(v, doubled) : r;
}

/* Builds the systemd-run command. With both --pty and --pipe, systemd-run chooses the one that
 * fits. */
static int build_machine(const char *machine, char **arguments, char ***ret)
{
    _cleanup_free_ char *where = strprintf("--machine=%s", machine);
    const char *const begin[] = {"systemd-run", where, "--quiet", "--wait", "--collect", "--pty",
                                 "--pipe",      "--",  "/bin/sh", "-c",     NULL};
    int r = where ? append_all(ret, begin) : -ENOMEM;

    if (r == 0)
        r = append_unexpanded(ret, SCRIPT);
    if (r == 0)
        r = append_unexpanded(ret, machine);
    STRV_FOREACH (argument, arguments)
        r = r == 0 ? append_unexpanded(ret, *argument) : r;
    return r;
}

Result remote_run(const char *host, const char *machine, char **arguments)
{
    _cleanup_strv_ char **argv = NULL;
    int r;

    r = host ? build_ssh(host, arguments, &argv) : build_machine(machine, arguments, &argv);
    if (r < 0)
        return complain_memory();
    execvp(argv[0], argv);
    return fail(RESULT_FAILED, "cannot run %s: %s", argv[0], strerror(errno));
}
