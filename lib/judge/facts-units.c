/* SPDX-License-Identifier: MIT */
/* Asks PID 1 about the service's units, and about the gates that it has loaded. */
#include "judge/facts.h"

#include "basic/text.h"
#include "declare/gate.h"
#include "system/bus.h"

#include <fcntl.h>

#define MANAGER        "org.freedesktop.systemd1"
#define GENERATED      "/run/systemd/generator" /* what systemd has read at its last reload */
#define DROP_IN_PREFIX "50-migrate-"
#define DROP_IN_SUFFIX ".conf"

static GateState judge_gate(sd_bus *bus, const char *path, const char *gate, const char *drop_in)
{
    _cleanup_strv_ char **required = NULL, **drop_ins = NULL;
    bool loaded = false;

    if (sd_bus_get_property_strv(bus, MANAGER, path, MANAGER ".Unit", "Requires", NULL, &required) <
            0 ||
        sd_bus_get_property_strv(bus, MANAGER, path, MANAGER ".Unit", "DropInPaths", NULL,
                                 &drop_ins) < 0)
        return GATE_UNKNOWN;
    STRV_FOREACH (one, drop_ins)
        loaded = loaded || endswith(*one, drop_in);
    if (!gate)
        return loaded ? GATE_LEFT : GATE_LOADED;
    return strv_contains(required, gate) ? GATE_LOADED : loaded ? GATE_OTHER : GATE_MISSING;
}

static int read_gate(Facts *facts, sd_bus *bus, UnitFact *unit, const char *path)
{
    const Declaration *declaration = facts->declaration;
    _cleanup_free_ char *drop_in =
        strprintf("/" DROP_IN_PREFIX "%s" DROP_IN_SUFFIX, declaration->name);
    _cleanup_(gate_free) Gate gate = {};
    int r = drop_in ? 0 : -ENOMEM;

    if (r == 0 && declaration->enabled)
        r = unit->old ? gate_make_old(declaration, &gate) : gate_make(declaration, &gate);
    if (r == 0 && streq_null(unit->load, "loaded"))
        unit->gate = judge_gate(bus, path, gate.name, drop_in);
    return r;
}

/* Reads how the last start of a service ended. Errors leave that unknown. */
static int read_start(sd_bus *bus, UnitFact *unit)
{
    _cleanup_free_ char *result = NULL;
    uint64_t timeout = UINT64_MAX, exit_usec = 0;
    char text[32];
    int status = 0;

    if (unit_property(bus, unit->unit, "Service", "Result", "s", &result) < 0 ||
        unit_property(bus, unit->unit, "Unit", "InactiveExitTimestamp", "t", &unit->began_usec) <
            0 ||
        unit_property(bus, unit->unit, "Service", "ExecMainExitTimestamp", "t", &exit_usec) < 0 ||
        unit_property(bus, unit->unit, "Service", "ExecMainStatus", "i", &status) < 0 ||
        unit_property(bus, unit->unit, "Service", "TimeoutStartUSec", "t", &timeout) < 0)
        return 0;
    if (timeout != UINT64_MAX) {
        text_duration(text, sizeof(text), timeout);
        unit->timeout = strdup(text);
        if (!unit->timeout)
            return -ENOMEM;
    }
    if (streq(result, "success"))
        return 0;
    unit->ended = streq(result, "timeout") && unit->timeout
                      ? strprintf("timeout after %s", unit->timeout)
                  : !streq(result, "exit-code") ? strdup(result)
                  : status == 0 || exit_usec < unit->began_usec
                      ? strdup("a command before or after its main process failed")
                      : strprintf("exit status %d", status);
    return unit->ended ? 0 : -ENOMEM;
}

static int read_unit(Facts *facts, sd_bus *bus, const char *name, bool guarded, UnitFact *unit)
{
    _cleanup_(unit_state_free) UnitState state = {};
    _cleanup_free_ char *path = NULL;

    unit->unit = name;
    if (!bus || bus_unit_state(bus, name, &state) < 0 ||
        sd_bus_path_encode("/org/freedesktop/systemd1/unit", name, &path) < 0)
        return 0;
    unit->load = TAKE_PTR(state.load);
    unit->active = TAKE_PTR(state.active);
    unit->sub = TAKE_PTR(state.sub);
    if (sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Unit", "UnitFileState", NULL,
                                   &unit->enable) < 0)
        unit->enable = NULL;
    if (guarded && facts->declaration->self_migrating && read_start(bus, unit) < 0)
        return -ENOMEM;
    return guarded ? read_gate(facts, bus, unit, path) : 0;
}

static void read_status(Facts *facts, sd_bus *bus)
{
    _cleanup_free_ char *path = NULL;

    if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", facts->migration_unit, &path) < 0 ||
        sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Service", "StatusText", NULL,
                                   &facts->migration_status) < 0)
        facts->migration_status = NULL;
}

/* --- gates that are left ---------------------------------------------------------------------- */

/* Says whether the drop-ins of a unit have one of ours, and appends its name. */
static int add_names(int fd, const char *unit, char ***units, char ***names)
{
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    int r = 0;

    if (!dir) {
        close(fd);
        return 0;
    }
    for (struct dirent *de; r == 0 && (de = readdir(dir));) {
        const char *name = de->d_name + strlen(DROP_IN_PREFIX);

        if (!startswith(de->d_name, DROP_IN_PREFIX) || !endswith(name, DROP_IN_SUFFIX))
            continue;
        r = strv_consume(units, strdup(unit));
        if (r == 0)
            r = strv_consume(names, strndup(name, strlen(name) - strlen(DROP_IN_SUFFIX)));
    }
    return r;
}

int gates_read(char ***ret_units, char ***ret_names)
{
    _cleanup_closedir_ DIR *dir = opendir(GENERATED);
    _cleanup_strv_ char **units = NULL, **names = NULL;
    int r = 0;

    for (struct dirent *de; dir && r == 0 && (de = readdir(dir));) {
        _cleanup_free_ char *unit = endswith(de->d_name, ".service.d")
                                        ? strndup(de->d_name, strlen(de->d_name) - strlen(".d"))
                                        : NULL;
        int fd = unit ? openat(dirfd(dir), de->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd >= 0)
            r = add_names(fd, unit, &units, &names);
    }
    if (r < 0)
        return r;
    *ret_units = TAKE_PTR(units);
    *ret_names = TAKE_PTR(names);
    return 0;
}

/* Finds a unit that the declaration does not name any more. Without a version, units[] tells. */
static int find_left(Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    _cleanup_strv_ char **units = NULL, **names = NULL;
    int r = facts->root || !declaration->enabled ? 0 : gates_read(&units, &names);

    for (size_t i = 0; r == 0 && units && units[i] && !facts->left; i++) {
        bool found = false;
        const char *user;

        for (size_t j = 0; (user = declaration_user(declaration, j, NULL)); j++)
            found = found || streq(user, units[i]);
        if (streq(names[i], declaration->name) && !found)
            r = strreplace(&facts->left, units[i]);
    }
    return r;
}

int facts_read_units(Facts *facts, sd_bus *bus)
{
    const Items *lists[] = {&facts->declaration->units, &facts->declaration->old_units};
    int r = 0;

    for (size_t l = 0; l < ELEMENTSOF(lists); l++)
        for (size_t i = 0; r == 0 && i < lists[l]->n_items; i++) {
            UnitFact *unit = ARRAY_GROW(facts->units, facts->n_units);

            if (!unit)
                return -ENOMEM;
            unit->old = l == 1;
            r = read_unit(facts, bus, lists[l]->items[i].value,
                          unit_is_user(lists[l]->items[i].value), unit);
        }
    facts->migration_unit = strprintf("migrate@%s.service", facts->declaration->name);
    if (!facts->migration_unit)
        return -ENOMEM;
    if (r == 0)
        r = read_unit(facts, bus, facts->migration_unit, false, &facts->migration);
    if (r == 0 && streq_null(facts->migration.active, "activating"))
        read_status(facts, bus);
    return r == 0 && bus ? find_left(facts) : r;
}
