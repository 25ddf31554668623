/* SPDX-License-Identifier: MIT */
/* Renders gates and drop-ins, which hold services back. docs/design.md lists the behaviour of
 * systemd that each line relies on. */
#include "declare/unit-file.h"
#include "render-private.h"

#include <limits.h>

/* Returns the i-th path that may be a mount point that is demanded, or NULL. */
static const char *find_mount(const Declaration *declaration, size_t i)
{
    size_t n = declaration->directories.n_items;

    if (i < n)
        return declaration->directories.items[i].value;
    return n > 0 && i - n < declaration->excludes.n_items ? declaration->excludes.items[i - n].value
                                                          : NULL;
}

/* Returns the name of the mount unit of a path, or NULL: no file name has room for the link that
 * demands it, so there is no link. */
static char *unit_of_demand(String *s, const char *path)
{
    _cleanup_free_ char *unit = unit_of_mount(path);

    s->failed = s->failed || !unit;
    return unit && strlen("mounted-") + strlen(unit) <= NAME_MAX ? TAKE_PTR(unit) : NULL;
}

/* Appends that the path was no mount point when the state was last seen, or that something is
 * mounted there. One of the two lines must hold, so a unit can demand one mount point only. */
static void append_mounted(String *s, const Declaration *declaration, const char *path)
{
    _cleanup_free_ char *unit = path ? unit_of_demand(s, path) : NULL;

    if (unit)
        string_appendf(s,
                       "AssertPathIsSymbolicLink=|!" STORE_DIRECTORY "/%s/mounted-%s\n"
                       "AssertPathIsMountPoint=|" STORE_DIRECTORY "/%s/mounted-%s\n",
                       declaration->name, unit, declaration->name, unit);
}

/* Appends what a gate, and each target that it requires, waits for: PID 1 looks once. */
static void append_order(String *s, const Declaration *declaration, const char *wants,
                         bool after_migration)
{
    string_append(s, "DefaultDependencies=no\n");
    string_append(s, "StopWhenUnneeded=yes\n");
    /* If no migration orders the gate (masked, or Policy=manual), the gate itself must wait for
     * file systems without units (ZFS), and for the journal, which logs a refusal. */
    string_appendf(s, "After=%s\n",
                   declaration->early || declaration_is_broken(declaration)
                       ? "systemd-journald.service"
                       : "basic.target");
    if (wants && streq(wants, SETTLE))
        string_appendf(s, "After=" SETTLE "@%s.service\n", declaration->name);
    if (after_migration)
        string_appendf(s, "After=migrate@%s.service\n", declaration->name);
    if (after_migration)
        append_hosts(s, declaration, "migrate");
    append_mounts(s, declaration);
    /* A disk with "nofail" or "_netdev" may be late. RequiresMountsFor= would hold the service back
     * without a disk that was never there. */
    for (size_t i = 0; after_migration && i < declaration->excludes.n_items; i++) {
        _cleanup_free_ char *unit = unit_of_demand(s, declaration->excludes.items[i].value);

        if (unit)
            string_appendf(s, "After=%s\n", unit);
    }
}

/* Renders the targets that demand the second and further mount points for the gate. */
static int render_mounted(const Declaration *declaration, const char *wants, Outputs *outputs)
{
    const char *path;
    int r = 0;

    for (size_t i = 1; r == 0 && (path = find_mount(declaration, i)); i++) {
        _cleanup_free_ char *description =
            strprintf("A disk of %s (otherwise run: migratectl status %s)", declaration->name,
                      declaration->name);
        _cleanup_string_ String s = {};

        if (!description)
            return -ENOMEM;
        append_unit_header(&s, declaration, description);
        append_order(&s, declaration, wants, true);
        append_mounted(&s, declaration, path);
        r = output_add(outputs,
                       strprintf("migrate-mounted@%s-%zu.target", declaration->name, i + 1), &s,
                       NULL);
    }
    return r;
}

/* Renders a gate. wants is the template whose instance the gate starts; NULL: none. */
static int render_gate(const Declaration *declaration, const char *name, const char *description,
                       const char *wants, bool after_migration, const char *assertions,
                       Outputs *outputs)
{
    _cleanup_string_ String s = {};

    append_unit_header(&s, declaration, description);
    if (wants)
        string_appendf(&s, "Wants=%s@%s.service\n", wants, declaration->name);
    append_order(&s, declaration, wants, after_migration);
    string_append(&s, assertions);
    if (after_migration)
        append_mounted(&s, declaration, find_mount(declaration, 0));
    for (size_t i = 1; after_migration && find_mount(declaration, i); i++)
        string_appendf(&s,
                       "Requires=migrate-mounted@%s-%zu.target\n"
                       "After=migrate-mounted@%s-%zu.target\n",
                       declaration->name, i + 1, declaration->name, i + 1);
    return output_add(outputs, strdup(name), &s, NULL);
}

/* Appends the reason to Description=, which systemctl status and "Dependency failed for …" print.
 * systemd never reports the unit's own assertions, because the gate fails first. Removes root from
 * all paths in the text. */
static void append_reason(String *s, const Declaration *declaration)
{
    const size_t root_length = declaration->root_length;
    _cleanup_free_ char *text = NULL;

    if (declaration->problems.n_items == 0)
        return; /* the problem was lost when memory ran out */
    text = problem_format(declaration->problems.items);
    if (!text) {
        s->failed = true;
        return;
    }
    string_append(s, "Description=Held back: ");
    for (const char *p = text; *p;)
        if (root_length > 0 && strncmp(p, declaration->file, root_length) == 0) {
            p += root_length;
        } else {
            string_appendf(s, *p == '%' ? "%%%%" : "%c", *p);
            p++;
        }
    string_appendf(s, "; correct it, then run: migratectl start %s\n", declaration->name);
}

/* Renders the drop-in of a unit with the gate and the gate's assertions. The gate refuses automatic
 * restarts, for which systemd 254 and later ignores the unit's assertions. The assertions refuse a
 * start while the gate is still active from before. */
static int render_drop_in(const Declaration *declaration, const char *unit, const Gate *gate,
                          const char *wants, bool after_migration, bool wants_post,
                          Outputs *outputs)
{
    _cleanup_string_ String s = {};

    string_append(&s, HEADER "[Unit]\n");
    if (declaration_is_broken(declaration))
        append_reason(&s, declaration);
    string_appendf(&s, "Requires=%s\nAfter=%s\n", gate->name, gate->name);
    /* Repeats the gate's Wants=: systemd 247 keeps a gate active after another declaration has
     * replaced it, and an active gate starts nothing when the first declaration returns. */
    if (wants)
        string_appendf(&s, "Wants=%s@%s.service\n", wants, declaration->name);
    if (after_migration)
        string_appendf(&s, "After=migrate@%s.service\n", declaration->name);
    append_mounts(&s, declaration);
    string_append(&s, gate->assertions);
    if (wants_post)
        string_appendf(&s, "Wants=migrate-post@%s.service\n", declaration->name);
    if (wants_post && unit_is_template(unit)) /* no unit can be ordered after all instances */
        string_appendf(&s, "Before=migrate-post@%s.service\n", declaration->name);
    return output_add(outputs, strprintf("%s.d/50-migrate-%s.conf", unit, declaration->name), &s,
                      NULL);
}

/* Renders the drop-ins of the units that use the state; old: only those of OldUnit=, otherwise only
 * the others. */
static int render_drop_ins(const Declaration *declaration, bool old, const Gate *gate,
                           const char *wants, bool after_migration, Outputs *outputs)
{
    const char *unit;
    bool is_old;
    int r = 0;

    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, &is_old)); i++)
        if (is_old == old)
            r = render_drop_in(declaration, unit, gate, wants, after_migration,
                               !old && after_migration, outputs);
    return r;
}

/* Renders a drop-in for migrate.target. The start waits for all migrations, and fails if a state is
 * still not current. Requires= would fail at once if one migration is masked. */
static int render_all(const Declaration *declaration, const char *assertions, Outputs *outputs)
{
    _cleanup_string_ String s = {};

    string_append(&s, HEADER "[Unit]\n");
    if (!declaration_is_broken(declaration))
        string_appendf(&s, "After=migrate@%s.service\n", declaration->name);
    string_append(&s, assertions);
    return output_add(outputs, strprintf("migrate.target.d/50-migrate-%s.conf", declaration->name),
                      &s, NULL);
}

static int render_closed(const Declaration *declaration, Outputs *outputs)
{
    _cleanup_free_ char *description =
        strprintf("Invalid declaration of the state of %s", declaration->name);
    _cleanup_(gate_free) Gate gate = {};
    int r = description ? gate_make(declaration, &gate) : -ENOMEM;

    if (r < 0)
        return r;
    r = render_gate(declaration, gate.name, description, NULL, false, gate.assertions, outputs);
    if (r == 0)
        r = render_drop_ins(declaration, false, &gate, NULL, false, outputs);
    if (r == 0)
        r = render_all(declaration, gate.assertions, outputs);
    /* The state may have left the version of the older software, so the older units get the closed
     * gate, too. */
    return r == 0 ? render_drop_ins(declaration, true, &gate, NULL, false, outputs) : r;
}

/* Renders drop-ins for OldUnit=. Older software may run until the state leaves its version, and
 * waits for a migration that is about to run. */
static int render_old_units(const Declaration *declaration, Outputs *outputs)
{
    _cleanup_free_ char *description = NULL;
    _cleanup_(gate_free) Gate gate = {};
    int r;

    if (declaration->old_units.n_items == 0)
        return 0;
    description = strprintf("State of %s before version %s (otherwise run: migratectl status %s)",
                            declaration->name, declaration->version.value, declaration->name);
    r = description ? gate_make_old(declaration, &gate) : -ENOMEM;
    if (r == 0)
        r = render_gate(declaration, gate.name, description, NULL, true, gate.assertions, outputs);
    return r == 0 ? render_drop_ins(declaration, true, &gate, NULL, true, outputs) : r;
}

int render_gates(const Declaration *declaration, Outputs *outputs)
{
    const char *wants = declaration->policy == POLICY_MANUAL ? SETTLE : "migrate";
    _cleanup_free_ char *description = NULL;
    _cleanup_(gate_free) Gate gate = {};
    int r;

    if (!declaration->enabled)
        return 0;
    if (declaration_is_broken(declaration))
        return render_closed(declaration, outputs);
    description = strprintf("State of %s at version %s (otherwise run: migratectl status %s)",
                            declaration->name, declaration->version.value, declaration->name);
    r = description ? gate_make(declaration, &gate) : -ENOMEM;
    if (r == 0)
        r = render_gate(declaration, gate.name, description, wants, true, gate.assertions, outputs);
    if (r == 0)
        r = render_drop_ins(declaration, false, &gate, wants, true, outputs);
    if (r == 0 && declaration->policy != POLICY_MANUAL)
        r = render_all(declaration, gate.assertions, outputs);
    if (r == 0)
        r = render_mounted(declaration, wants, outputs);
    return r == 0 ? render_old_units(declaration, outputs) : r;
}
