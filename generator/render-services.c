/* SPDX-License-Identifier: MIT */
/* Renders the services that open the gates: migrate@, migrate-post@ and migrate-settle@. */
#include "config.h"
#include "render-private.h"

/* Appends explicit dependencies on shutdown.target. Default dependencies would also order the
 * service after sysinit.target, but an early service must run before sysinit.target. The boot loader
 * may have mounted the root file system read-only. */
static void append_dependencies(String *s, const Declaration *declaration)
{
    string_append(s, "DefaultDependencies=no\n");
    string_append(s, "Conflicts=shutdown.target\nBefore=shutdown.target\n");
    string_appendf(s, "After=%s\n",
                   declaration->early ? "systemd-remount-fs.service" : "basic.target");
}

static void append_handed_through(String *s, const UnitLines *lines)
{
    for (size_t i = 0; i < lines->n_items; i++)
        if (!unit_line_is_for_scripts(lines->items[i].key))
            string_appendf(s, "%s=%s\n", lines->items[i].key, lines->items[i].value);
}

/* Appends the [Service] section. SIGTERM reaches only the helper, which ends its processes and
 * drops the clone. There is one ExecStart= and no ExecStop=, because only such a unit, while it
 * runs, survives a daemon-reload that changes the unit. */
static void append_service(String *s, const Declaration *declaration, const char *verb)
{
    string_appendf(
        s,
        "\n[Service]\n"
        "Type=oneshot\n"
        "ExecStart=" HELPER_PATH " %s %s\n"
        "NotifyAccess=main\n"
        /* Standard output is that of scripts; the identifier marks it in the journal. */
        "SyslogIdentifier=migrate-script\n"
        "SyslogLevelPrefix=no\n"
        "KillMode=mixed\n"
        "TimeoutStartSec=infinity\n"
        "TimeoutStopSec=10min\n"
        "CapabilityBoundingSet=" HELPER_CAPABILITIES "\n"
        "X-RestartIfChanged=no\n",
        verb, declaration->name);
    append_handed_through(s, &declaration->service_lines);
    /* Also unsets variables that a drop-in has set. Comes after the lines of the declaration,
     * because these could reset the list. */
    string_append(s, "UnsetEnvironment=" HELPER_UNSET_ENVIRONMENT "\n");
}

/* Appends the conditions for Detect=: the helper runs if "asks=VERSION" closes the gate, and once for
 * each declared version, to close the gates of older versions. */
static void append_undeclared(String *s, const Declaration *declaration)
{
    const char *name = declaration->name, *version = declaration->version.value;

    if (declaration->detect.argv)
        string_appendf(s,
                       "ConditionPathExists=|" STORE_DIRECTORY "/%s/asks=%s\n"
                       "ConditionPathExists=|!" STORE_DIRECTORY "/%s/declared=%s\n",
                       name, version, name, version);
}

static int render_migration(const Declaration *declaration, Outputs *outputs)
{
    _cleanup_string_ String s = {};
    _cleanup_free_ char *description = strprintf("Migrate the state of %s to version %s",
                                                 declaration->name, declaration->version.value);

    if (!description)
        return -ENOMEM;
    append_unit_header(&s, declaration, description);
    append_dependencies(&s, declaration);
    append_users(&s, "Before", declaration, true);
    append_hosts(&s, declaration, "migrate");
    append_mounts(&s, declaration);
    append_mounts_of(&s, &declaration->former_directories);
    append_mounts_of(&s, &declaration->excludes); /* scripts can read excluded directories */
    /* A path or socket unit may start a service with a closed gate again and again. This limit ends
     * the loop; the other unit's own limit (200 in 2 s) would end it much later. */
    string_append(&s, "StartLimitIntervalSec=20s\nStartLimitBurst=30\n");
    string_append(&s, "X-StopOnRemoval=no\n");
    /* systemd starts no process if there is nothing to do. The helper always checks a fresh state
     * without a stamp, because an operator may have restored older data. */
    string_append(&s, "ConditionKernelCommandLine=!migrate=off\n");
    append_stamp_globs(&s, "ConditionPathExistsGlob=|!", declaration);
    string_appendf(&s, "ConditionPathExistsGlob=|" STORE_DIRECTORY "/%s/fresh=*\n",
                   declaration->name);
    for (size_t i = 0; i < declaration->stamps.n_items; i++)
        append_reader_globs(&s, declaration, declaration->stamps.items[i].value);
    /* If the state was copied with its stamps, or the store was lost, the helper runs once to write
     * last-seen. */
    string_appendf(&s, "ConditionPathExists=|!" STORE_DIRECTORY "/%s/known\n", declaration->name);
    append_undeclared(&s, declaration);
    string_appendf(&s, "ConditionPathExists=|" STORE_DIRECTORY "/%s/moving\n", declaration->name);
    string_appendf(&s, "ConditionPathExists=|" STORE_DIRECTORY "/%s/transaction\n",
                   declaration->name);
    string_appendf(&s, "ConditionPathExists=|" STORE_DIRECTORY "/%s/requested\n",
                   declaration->name);
    append_handed_through(&s, &declaration->unit_lines);
    append_service(&s, declaration, "run");
    return output_add(outputs, strprintf("migrate@%s.service", declaration->name), &s, NULL);
}

static int render_post(const Declaration *declaration, Outputs *outputs)
{
    _cleanup_string_ String s = {};
    _cleanup_free_ char *description = strprintf("Conclude the migration of %s", declaration->name);

    if (!description)
        return -ENOMEM;
    append_unit_header(&s, declaration, description);
    append_dependencies(&s, declaration);
    append_users(&s, "After", declaration, false);
    append_hosts(&s, declaration, "migrate-post"); /* the host's unit records the host's stamp */
    append_mounts(&s, declaration);
    string_append(&s, "StartLimitIntervalSec=0\n");
    string_append(&s, "X-StopOnRemoval=no\n");
    string_appendf(&s, "ConditionPathExistsGlob=%s" STORE_DIRECTORY "/%s/{post,fresh=*}\n",
                   declaration->self_migrating ? "|" : "", declaration->name);
    for (size_t i = 0; declaration->self_migrating && i < declaration->stamps.n_items; i++) {
        string_append(&s, "ConditionPathExistsGlob=|");
        append_condition_path(&s, declaration->stamps.items[i].value);
        string_appendf(&s, "/" STAMP_PREFIX "%s=*" VERSION_SELF "%s\n", declaration->name,
                       declaration->version.value);
    }
    /* PID 1 keeps this link (for the journal) until the unit is inactive. With the condition, a
     * failed start that Restart= repeats starts no process. */
    ARRAY_FOREACH (unit, declaration->lasting.items, declaration->lasting.n_items)
        if (declaration_awaits(declaration, unit->value))
            string_appendf(&s, "ConditionPathIsSymbolicLink=/run/systemd/units/invocation:%s\n",
                           unit->value);
    append_service(&s, declaration, "post");
    return output_add(outputs, strprintf("migrate-post@%s.service", declaration->name), &s, NULL);
}

/* Renders the service that recovers an interrupted transaction if nothing starts
 * migrate@NAME.service by itself. */
static int render_settle(const Declaration *declaration, Outputs *outputs)
{
    _cleanup_string_ String s = {};
    _cleanup_free_ char *description =
        strprintf("Recover an unfinished migration of %s", declaration->name);

    if (!description)
        return -ENOMEM;
    append_unit_header(&s, declaration, description);
    append_dependencies(&s, declaration);
    string_appendf(&s, "Before=migrate@%s.service\n", declaration->name);
    append_users(&s, "Before", declaration, true);
    append_mounts(&s, declaration);
    string_append(&s, "StartLimitIntervalSec=0\n");
    string_append(&s, "X-StopOnRemoval=no\n");
    string_append(&s, "ConditionKernelCommandLine=!migrate=off\n");
    string_appendf(&s, "ConditionPathExists=%s" STORE_DIRECTORY "/%s/transaction\n",
                   declaration->detect.argv ? "|" : "", declaration->name);
    append_undeclared(&s, declaration);
    if (declaration->detect.argv)
        append_service(&s, declaration, "settle-declared");
    else
        append_service(&s, declaration, "settle");
    return output_add(outputs, strprintf(SETTLE "@%s.service", declaration->name), &s, NULL);
}

int render_services(const Declaration *declaration, Outputs *outputs)
{
    int r;

    if (!declaration->enabled || declaration_is_broken(declaration))
        return 0;
    r = render_migration(declaration, outputs);
    if (r == 0)
        r = render_post(declaration, outputs);
    if (r == 0 && declaration->policy == POLICY_MANUAL)
        return render_settle(declaration, outputs);
    if (r == 0)
        r = output_add(outputs,
                       strprintf("migrate.target.wants/migrate@%s.service", declaration->name),
                       NULL, strprintf("../migrate@%s.service", declaration->name));
    return r;
}
