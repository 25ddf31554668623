/* SPDX-License-Identifier: MIT */
/* PID 1 over sd-bus. Starts and stops nothing. */
#include "bus.h"

#include <fcntl.h>

#define MANAGER "org.freedesktop.systemd1"

/* The socket that systemctl uses as root. */
static int open_private(sd_bus **ret)
{
    sd_bus *bus = NULL;
    int r;

    r = sd_bus_new(&bus);
    if (r >= 0)
        r = sd_bus_set_address(bus, "unix:path=/run/systemd/private");
    if (r >= 0)
        r = sd_bus_start(bus);
    if (r < 0) {
        sd_bus_unref(bus);
        return r;
    }
    *ret = bus;
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

void unit_state_free(UnitState *state)
{
    free(state->load);
    free(state->active);
    free(state->sub);
    free(state->cgroup);
    *state = (UnitState){};
}

static const char *interface_of(const char *unit)
{
    if (endswith(unit, ".service"))
        return MANAGER ".Service";
    if (endswith(unit, ".socket"))
        return MANAGER ".Socket";
    return NULL;
}

int bus_unit_state(sd_bus *bus, const char *unit, UnitState *ret)
{
    _cleanup_(unit_state_free) UnitState state = {};
    _cleanup_free_ char *path = NULL;
    const char *interface = interface_of(unit);
    int r;

    r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
    if (r < 0)
        return r;
    r = sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Unit", "LoadState", NULL,
                                   &state.load);
    if (r >= 0)
        r = sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Unit", "ActiveState", NULL,
                                       &state.active);
    if (r >= 0)
        r = sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Unit", "SubState", NULL,
                                       &state.sub);
    if (r >= 0 && interface)
        r = sd_bus_get_property_string(bus, MANAGER, path, interface, "ControlGroup", NULL,
                                       &state.cgroup);
    if (r < 0)
        return r;
    *ret = state;
    state = (UnitState){};
    return 0;
}

/* 1, 0, or -ENOENT where there is no such control group. */
static int cgroup_is_populated(const char *cgroup)
{
    static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                                        "/sys/fs/cgroup/systemd"};

    for (size_t i = 0; i < ELEMENTSOF(roots); i++) {
        _cleanup_free_ char *events = strprintf("%s%s/cgroup.events", roots[i], cgroup),
                            *text = NULL;
        _cleanup_free_ char *procs = strprintf("%s%s/cgroup.procs", roots[i], cgroup);

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
