/* SPDX-License-Identifier: MIT */
/* Runs a rehearsal in a transient unit. The result is in the store and in the journal, because
 * systemd forgets the unit at once. */
#include "act/rehearse-unit.h"

#include "act/jobs.h"
#include "config.h"
#include "terminal/output.h"

#include <poll.h>
#include <sys/wait.h>

#define TICK_MSEC 200

char *rehearse_unit_name(const char *name)
{
    return strprintf("migrate-rehearse@%s.service", name);
}

/* Adds a property for a mount. Does not use unit_quote(), because D-Bus properties have no
 * specifiers. */
static int add_mount(char ***argv, const char *path)
{
    _cleanup_string_ String word = {};
    char *text;

    string_append(&word, "--property=RequiresMountsFor=\"");
    for (; *path; path++)
        string_appendf(&word, "%s%c", *path == '"' || *path == '\\' ? "\\" : "", *path);
    string_append(&word, "\"");
    return string_finish(&word, &text) < 0 ? -ENOMEM : strv_consume(argv, text);
}

static int add_mounts(char ***argv, const Declaration *declaration)
{
    _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", declaration->name);
    int r = store ? add_mount(argv, store) : -ENOMEM;

    for (size_t i = 0; r == 0 && i < declaration->directories.n_items; i++)
        r = add_mount(argv, declaration->directories.items[i].value);
    for (size_t i = declaration->n_own_stamps; r == 0 && i < declaration->stamps.n_items; i++)
        r = add_mount(argv, declaration->stamps.items[i].value);
    return r;
}

/* Builds the command with Type=exec, so that the unit is up while the rehearsal runs. A rehearsal
 * may be killed at any moment, so the timeout for stopping is short. */
static int build_command(const Declaration *declaration, const char *unit, bool keep, char ***ret)
{
    static const char *const base[] = {"systemd-run",
                                       "--quiet",
                                       "--collect",
                                       "--service-type=exec",
                                       "--property=NotifyAccess=main",
                                       "--property=SyslogIdentifier=migrate-script",
                                       "--property=SyslogLevelPrefix=no",
                                       "--property=KillMode=mixed",
                                       "--property=CapabilityBoundingSet=" HELPER_CAPABILITIES,
                                       "--property=TimeoutStopSec=20s"};
    _cleanup_strv_ char **argv = NULL;
    const UnitLines *lines = &declaration->service_lines;
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(base); i++)
        r = strv_append(&argv, base[i]);
    if (r == 0)
        r = strv_consume(&argv, strprintf("--unit=%s", unit));
    if (r == 0)
        r = strv_consume(
            &argv, strprintf("--description=Rehearse the migration of %s", declaration->name));
    if (r == 0)
        r = add_mounts(&argv, declaration);
    for (size_t i = 0; r == 0 && i < lines->n_items; i++) {
        const char *key = lines->items[i].key;

        if (unit_line_is_for_scripts(key))
            continue;
        /* TimeoutStartSec= limits the whole run of a migration (Type=oneshot), but only the start
         * of a rehearsal (Type=exec). */
        r = strv_consume(&argv, strprintf("--property=%s=%s",
                                          streq(key, "TimeoutStartSec") ? "RuntimeMaxSec" : key,
                                          lines->items[i].value));
    }
    if (r == 0)
        r = strv_append(&argv, "--property=UnsetEnvironment=" HELPER_UNSET_ENVIRONMENT);
    STRV_FOREACH (word, ((char *[]){HELPER_PATH, "rehearse", declaration->name, NULL}))
        r = r == 0 ? strv_append(&argv, *word) : r;
    if (r == 0 && keep)
        r = strv_append(&argv, "keep");
    if (r < 0)
        return r;
    *ret = TAKE_PTR(argv);
    return 0;
}

static int run_command(char **argv)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0); /* Ctrl-C reaches migratectl only */
        if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
            execvp(argv[0], argv);
        fprintf(stderr, "migratectl: cannot run %s: %s\n", argv[0], strerror(errno));
        _exit(RESULT_FAILED);
    }
    if (pid < 0)
        return -errno;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

Result rehearse_unit_start(const Declaration *declaration, const char *unit, bool keep)
{
    _cleanup_strv_ char **argv = NULL;
    int r = build_command(declaration, unit, keep, &argv);

    if (r == 0)
        r = run_command(argv);
    if (r == 0)
        return RESULT_DONE;
    if (r < 0)
        complain("%s: cannot start %s: %s. Nothing was changed", declaration->name, unit,
                 strerror(-r));
    else
        complain("%s: systemd could not start %s. Nothing was changed", declaration->name, unit);
    return RESULT_FAILED;
}

int rehearse_unit_is_up(sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *state = NULL;
    int r = unit_property(bus, unit, "Unit", "ActiveState", "s", &state);

    return r < 0 ? r : !streq(state, "inactive") && !streq(state, "failed");
}

int rehearse_unit_wait(sd_bus *bus, const char *unit, Follow *follow)
{
    int r;

    while ((r = rehearse_unit_is_up(bus, unit)) > 0 && !interrupted()) {
        follow_tick(follow);
        poll(NULL, 0, TICK_MSEC);
    }
    return interrupted() ? -EINTR : r;
}
