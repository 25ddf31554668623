/* SPDX-License-Identifier: MIT */
/* The services that open the gates: migrate@, migrate-post@ and migrate-settle@. */
#include "config.h"
#include "render-private.h"

/* The dependencies on shutdown.target are explicit, because default dependencies would also order
 * an early service after sysinit.target, which it must precede. */
static void append_dependencies(String *s, const Declaration *declaration)
{
    string_append(s, "DefaultDependencies=no\n");
    string_append(s, "Conflicts=shutdown.target\nBefore=shutdown.target\n");
    if (!declaration->early)
        string_append(s, "After=basic.target\n");
}

static void append_handed_through(String *s, const UnitLines *lines)
{
    for (size_t i = 0; i < lines->n_items; i++)
        if (!unit_line_is_for_scripts(lines->items[i].key))
            string_appendf(s, "%s=%s\n", lines->items[i].key, lines->items[i].value);
}

/* SIGTERM goes to the helper alone, which ends its processes and drops the clone. Only a single
 * ExecStart=, without ExecStop=, survives a daemon-reload that changes the unit. */
static void append_service(String *s, const Declaration *declaration, const char *verb)
{
    string_appendf(s,
                   "\n[Service]\n"
                   "Type=oneshot\n"
                   "ExecStart=" HELPER_PATH " %s %s\n"
                   "NotifyAccess=main\n"
                   "KillMode=mixed\n"
                   "TimeoutStartSec=infinity\n"
                   "TimeoutStopSec=10min\n"
                   "X-RestartIfChanged=no\n",
                   verb, declaration->name);
    append_handed_through(s, &declaration->service_lines);
    /* Also what a drop-in sets. After the lines of the declaration, which could reset the list. */
    string_append(s, "UnsetEnvironment=" HELPER_UNSET_ENVIRONMENT "\n");
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
    append_units(&s, "Before", &declaration->units);
    append_units(&s, "Before", &declaration->old_units);
    append_hosts(&s, declaration, "migrate");
    append_mounts(&s, declaration);
    append_mounts_of(&s, &declaration->former_directories);
    append_mounts_of(&s, &declaration->excludes); /* scripts can read these */
    /* A path or socket unit may start a service again and again whose gate is closed. Without a
     * process to execute, only its own limit (200 in 2 s) would end that. */
    string_append(&s, "StartLimitIntervalSec=20s\nStartLimitBurst=30\n");
    string_append(&s, "X-StopOnRemoval=no\n");
    /* Without anything to do, no process is started. A state that was fresh and has no stamp yet is
     * always looked at: somebody may have brought older data back. */
    string_append(&s, "ConditionKernelCommandLine=!migrate=off\n");
    append_stamp_globs(&s, "ConditionPathExistsGlob=|!", declaration);
    string_appendf(&s, "ConditionPathExistsGlob=|" STORE_DIRECTORY "/%s/fresh=*\n",
                   declaration->name);
    for (size_t i = 0; i < declaration->stamps.n_items; i++)
        append_reader_globs(&s, declaration, declaration->stamps.items[i].value);
    /* Once where the state was copied with its stamps, or the store was lost: the helper then
     * writes last-seen. */
    string_appendf(&s, "ConditionPathExists=|!" STORE_DIRECTORY "/%s/known\n", declaration->name);
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
    append_units(&s, "After", &declaration->units);
    append_hosts(&s, declaration, "migrate-post"); /* the host's records that it has a stamp */
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
    append_service(&s, declaration, "post");
    return output_add(outputs, strprintf("migrate-post@%s.service", declaration->name), &s, NULL);
}

/* Nothing starts migrate@NAME.service by itself here, but a transaction that a crash has cut off is
 * recovered. */
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
    append_units(&s, "Before", &declaration->units);
    append_units(&s, "Before", &declaration->old_units);
    append_mounts(&s, declaration);
    string_append(&s, "StartLimitIntervalSec=0\n");
    string_append(&s, "X-StopOnRemoval=no\n");
    string_append(&s, "ConditionKernelCommandLine=!migrate=off\n");
    string_appendf(&s, "ConditionPathExists=" STORE_DIRECTORY "/%s/transaction\n",
                   declaration->name);
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
