/* SPDX-License-Identifier: MIT */
/* Talks to PID 1 over sd-bus. Stops no unit. */
#include "system/bus.h"

#include <fcntl.h>
#include <signal.h>

#define MANAGER "org.freedesktop.systemd1"
/* During a daemon-reload PID 1 may need longer, but has then already recorded the start. */
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

int bus_list_units(sd_bus *bus, const char *state, const char *pattern, char ***list)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
    const char *unit;
    int r = sd_bus_message_new_method_call(bus, &m, BUS_MANAGER, "ListUnitsByPatterns");

    if (r >= 0)
        r = state ? sd_bus_message_append(m, "asas", 1, state, 1, pattern)
                  : sd_bus_message_append(m, "asas", 0, 1, pattern);
    if (r >= 0)
        r = sd_bus_call(bus, m, 0, NULL, &reply);
    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
    while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &unit, NULL, NULL, NULL, NULL,
                                              NULL, NULL, NULL, NULL, NULL)) > 0)
        r = strv_append_once(list, unit);
    return MIN(r, 0);
}

int bus_instances(sd_bus *bus, const char *unit, char ***list)
{
    const char *at = strstr(unit, "@.");
    _cleanup_free_ char *pattern =
        at ? strprintf("%.*s*%s", (int)(at + 1 - unit), unit, at + 1) : NULL;

    if (!at)
        return strv_append_once(list, unit);
    return pattern ? bus_list_units(bus, NULL, pattern, list) : -ENOMEM;
}

int bus_stopped_with(sd_bus *bus, const char *unit, char ***list)
{
    static const char *const properties[] = {"RequiredBy", "BoundBy", "ConsistsOf", "RequisiteOf"};
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(properties); i++) {
        _cleanup_strv_ char **others = NULL;

        r = unit_property(bus, unit, "Unit", properties[i], "as", &others);
        STRV_FOREACH (other, others)
            if (r == 0)
                r = strv_append_once(list, *other);
    }
    return r;
}

int bus_triggers(sd_bus *bus, const char *unit, char ***list)
{
    _cleanup_strv_ char **triggers = NULL;
    int r = unit_property(bus, unit, "Unit", "TriggeredBy", "as", &triggers);

    STRV_FOREACH (trigger, triggers)
        if (r == 0)
            r = strv_append_once(list, *trigger);
    return r;
}

int bus_socket_paths(sd_bus *bus, const char *unit, char ***paths)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    _cleanup_free_ char *path = NULL;
    const char *address;
    int r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);

    if (r >= 0)
        r = sd_bus_get_property(bus, MANAGER, path, MANAGER ".Socket", "Listen", NULL, &reply,
                                "a(ss)");
    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "(ss)");
    while (r >= 0 && (r = sd_bus_message_read(reply, "(ss)", NULL, &address)) > 0)
        if (address[0] == '/')
            r = strv_append_once(paths, address);
    return MIN(r, 0);
}

/* Reads the job of a unit. Returns 1, 0 if the unit has no job, or a negative errno. */
static int read_job(sd_bus *bus, const char *unit, char **ret_path)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    _cleanup_free_ char *path = NULL;
    const char *job_path = NULL;
    uint32_t job = 0;
    int r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);

    if (r >= 0)
        r = sd_bus_get_property(bus, MANAGER, path, MANAGER ".Unit", "Job", NULL, &reply, "(uo)");
    if (r >= 0)
        r = sd_bus_message_read(reply, "(uo)", &job, &job_path);
    if (r < 0 || job == 0)
        return MIN(r, 0);
    *ret_path = strdup(job_path);
    return *ret_path ? 1 : -ENOMEM;
}

int bus_unit_has_job(sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *path = NULL;

    return read_job(bus, unit, &path);
}

int bus_unit_is_asked_to_stop(sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *path = NULL, *type = NULL;
    int r = read_job(bus, unit, &path);

    if (r > 0)
        r = sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Job", "JobType", NULL, &type);
    return r < 0 ? r : type && (streq(type, "stop") || streq(type, "restart"));
}

/* Does a process run in the control group? Returns 1, 0, or -ENOENT if there is no such group. */
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
    int r = bus_triggers(bus, unit, &triggers);

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

    return r < 0 ? r : bus_start_unit(bus, unit);
}

int bus_start_unit(sd_bus *bus, const char *unit)
{
    int r = sd_bus_call_method(bus, BUS_MANAGER, "StartUnit", NULL, NULL, "ss", unit, "replace");

    return r < 0 ? r : 0;
}
