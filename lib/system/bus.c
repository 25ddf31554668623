/* SPDX-License-Identifier: MIT */
/* Talks to PID 1 over sd-bus. Stops no unit. */
#include "system/bus.h"

#include <fcntl.h>
#include <signal.h>

#define MANAGER "org.freedesktop.systemd1"
/* During a daemon-reload PID 1 may need longer. Then it has already recorded the start. */
#define AWAIT_USEC 1000000

/* Opens the socket that systemctl uses as root. */
static int open_private(sd_bus **ret)
{
    _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
    int r = sd_bus_new(&bus);

    if (r >= 0)
        r = sd_bus_set_address(bus, "unix:path=/run/systemd/private");
    if (r >= 0)
        r = sd_bus_start(bus);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(bus);
    return 0;
}

int bus_open(sd_bus **ret)
{
    int r;

    if (geteuid() == 0 && open_private(ret) == 0)
        return 0;
    r = sd_bus_open_system(ret);
    return r < 0 ? r : 0;
}

void bus_await_manager(void)
{
    sd_bus *bus = NULL;

    if (open_private(&bus) < 0)
        return;
    /* If the wait is too short, systemctl status only lacks some lines. */
    if (sd_bus_set_method_call_timeout(bus, AWAIT_USEC) >= 0)
        (void)sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1",
                                 "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, NULL);
    sd_bus_close_unref(bus);
}

int unit_property(sd_bus *bus, const char *unit, const char *interface, const char *property,
                  const char *type, void *ret)
{
    _cleanup_free_ char *path = NULL, *full = strprintf(MANAGER ".%s", interface);
    int r = full ? sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) : -ENOMEM;

    if (r < 0)
        return r;
    if (streq(type, "s"))
        r = sd_bus_get_property_string(bus, MANAGER, path, full, property, NULL, ret);
    else if (streq(type, "as"))
        r = sd_bus_get_property_strv(bus, MANAGER, path, full, property, NULL, ret);
    else
        r = sd_bus_get_property_trivial(bus, MANAGER, path, full, property, NULL, type[0], ret);
    return MIN(r, 0);
}

int bus_boot_usec(sd_bus *bus, uint64_t *ret)
{
    int r = sd_bus_get_property_trivial(bus, BUS_MANAGER, "UserspaceTimestampMonotonic", NULL, 't',
                                        ret);

    return MIN(r, 0);
}

void unit_state_free(UnitState *state)
{
    free(state->load);
    free(state->active);
    free(state->sub);
    free(state->cgroup);
    *state = (UnitState){};
}

/* Returns the interface that has the unit's control group; NULL: the unit has no control group. */
static const char *interface_of(const char *unit)
{
    return endswith(unit, ".service") ? "Service" : endswith(unit, ".socket") ? "Socket" : NULL;
}

int bus_unit_state(sd_bus *bus, const char *unit, UnitState *ret)
{
    _cleanup_(unit_state_free) UnitState state = {};
    const struct {
        const char *interface, *property;
        char **field;
    } properties[] = {{"Unit", "LoadState", &state.load},
                      {"Unit", "ActiveState", &state.active},
                      {"Unit", "SubState", &state.sub},
                      {interface_of(unit), "ControlGroup", &state.cgroup}};
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(properties) && properties[i].interface; i++)
        r = unit_property(bus, unit, properties[i].interface, properties[i].property, "s",
                          properties[i].field);
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(state);
    return 0;
}

int bus_unit_has_job(sd_bus *bus, const char *unit)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    _cleanup_free_ char *path = NULL;
    uint32_t job = 0;
    int r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);

    if (r >= 0)
        r = sd_bus_get_property(bus, MANAGER, path, MANAGER ".Unit", "Job", NULL, &reply, "(uo)");
    if (r >= 0)
        r = sd_bus_message_read(reply, "(uo)", &job, NULL);
    return r < 0 ? r : job != 0;
}

/* Returns 1, 0, or -ENOENT if there is no such control group. */
static int cgroup_is_populated(const char *cgroup)
{
    static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                                        "/sys/fs/cgroup/systemd"};

    for (size_t i = 0; i < ELEMENTSOF(roots); i++) {
        _cleanup_free_ char *events = strprintf("%s%s/cgroup.events", roots[i], cgroup),
                            *procs = strprintf("%s%s/cgroup.procs", roots[i], cgroup), *text = NULL;

        if (!events || !procs)
            return -ENOMEM;
        if (read_file_at(AT_FDCWD, events, 4096, &text, NULL) == 0)
            return strstr(text, "populated 1") != NULL;
        if (read_file_at(AT_FDCWD, procs, 65536, &text, NULL) == 0)
            return *text != '\0';
    }
    return -ENOENT;
}

int unit_is_live(const UnitState *state)
{
    bool waiting = streq(state->active, "activating") && startswith(state->sub, "auto-restart");
    int r;

    if (!streq(state->active, "inactive") && !streq(state->active, "failed") && !waiting)
        return 1;
    if (isempty(state->cgroup))
        return 0;
    r = cgroup_is_populated(state->cgroup);
    return r == -ENOENT ? 0 : r;
}

int bus_oneshot_has_run(sd_bus *bus, const char *unit, uint64_t since_usec)
{
    _cleanup_free_ char *type = NULL, *result = NULL;
    uint64_t begun = 0;
    int32_t code = 0;
    int r;

    if (!endswith(unit, ".service"))
        return 0;
    r = unit_property(bus, unit, "Service", "Type", "s", &type);
    if (r == 0)
        r = unit_property(bus, unit, "Service", "Result", "s", &result);
    if (r == 0)
        r = unit_property(bus, unit, "Service", "ExecMainStartTimestamp", "t", &begun);
    if (r == 0)
        r = unit_property(bus, unit, "Service", "ExecMainCode", "i", &code);
    if (r < 0)
        return r;
    return streq(type, "oneshot") && streq(result, "success") && code == CLD_EXITED &&
           begun >= since_usec && begun > 0;
}

/* --- units that have failed ------------------------------------------------------------------ */

static bool has_given_up(sd_bus *bus, const char *unit)
{
    const char *interface = endswith(unit, ".socket") ? "Socket"
                            : endswith(unit, ".path") ? "Path"
                                                      : NULL;
    _cleanup_free_ char *result = NULL;

    return interface && unit_property(bus, unit, interface, "Result", "s", &result) == 0 &&
           words_contain("trigger-limit-hit service-start-limit-hit unit-start-limit-hit", result,
                         strlen(result));
}

int bus_failed_triggers(sd_bus *bus, const char *unit, bool gave_up, char ***list)
{
    _cleanup_strv_ char **triggers = NULL;
    int r = unit_property(bus, unit, "Unit", "TriggeredBy", "as", &triggers);

    if (r == 0 && gave_up) /* Unit= itself can name a socket */
        r = strv_append(&triggers, unit);
    if (r < 0)
        return r;
    STRV_FOREACH (trigger, triggers) {
        _cleanup_(unit_state_free) UnitState state = {};

        r = bus_unit_state(bus, *trigger, &state);
        if (r == 0 && streq(state.active, "failed") && !strv_contains(*list, *trigger) &&
            (!gave_up || has_given_up(bus, *trigger)))
            r = strv_append(list, *trigger);
        if (r < 0)
            return r;
    }
    return 0;
}

int bus_revive(sd_bus *bus, const char *unit)
{
    int r = sd_bus_call_method(bus, BUS_MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);

    if (r >= 0)
        r = sd_bus_call_method(bus, BUS_MANAGER, "StartUnit", NULL, NULL, "ss", unit, "replace");
    return r < 0 ? r : 0;
}
