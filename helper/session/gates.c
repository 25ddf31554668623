/* SPDX-License-Identifier: MIT */
/* Stops gates that are left over. If a reload removes the file of a gate while the gate is up, PID
 * 1 no longer stops the gate when its service stops. When a declaration brings the same file back,
 * the gate is open, whatever the state version is; from systemd 254 on, nothing else prevents an
 * automatic restart.
 *
 * So a run that may change the version stops such gates first. No unit requires them, so no unit of
 * the service stops with them. */
#include "session/gates.h"

#include "system/bus.h"

#include <poll.h>
#include <systemd/sd-daemon.h>

/* Says whether nothing requires a gate: 1, 0 or a negative errno. */
static int is_left_over(sd_bus *bus, const char *gate)
{
    _cleanup_strv_ char **users = NULL;
    int r = unit_property(bus, gate, "Unit", "RequiredBy", "as", &users);

    return r < 0 ? r : !users || !users[0];
}

/* Waits until a gate is down. A target stops as soon as PID 1 runs its job. */
static int wait_until_down(sd_bus *bus, const char *gate)
{
    for (int i = 0; i < 100; i++) {
        _cleanup_(unit_state_free) UnitState state = {};
        int r = bus_unit_state(bus, gate, &state);

        if (r < 0 || !streq(state.active, "active"))
            return r < 0 ? r : 0;
        poll(NULL, 0, 20);
    }
    return -ETIMEDOUT;
}

static int close_gate(sd_bus *bus, const char *gate)
{
    int r = sd_bus_call_method(bus, BUS_MANAGER, "StopUnit", NULL, NULL, "ss", gate, "replace");

    return r < 0 ? r : wait_until_down(bus, gate);
}

/* Stops left-over gates whose names begin with the service's name. Names may contain the separator,
 * so some of these gates may belong to another service, and are left over as well. */
static int close_those_of(sd_bus *bus, const char *name)
{
    _cleanup_free_ char *pattern = strprintf("migrated@%s-*.target", name);
    _cleanup_strv_ char **gates = NULL;
    int r = pattern ? bus_list_units(bus, "active", pattern, &gates) : -ENOMEM;

    STRV_FOREACH (gate, gates) {
        if (r == 0)
            r = is_left_over(bus, *gate);
        if (r > 0)
            r = close_gate(bus, *gate);
    }
    return r;
}

int gates_close_left_over(const Declaration *declaration, const LogContext *log)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r;

    if (sd_booted() <= 0)
        return 0; /* without systemd there are no gates */
    r = bus_open(&bus);
    if (r == 0)
        r = close_those_of(bus, declaration->name);
    for (size_t i = 0; r == 0 && i < declaration->former_names.n_items; i++)
        r = close_those_of(bus, declaration->former_names.items[i].value);
    if (r < 0)
        log_event(log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED,
                  "Cannot stop the gates that earlier declarations have left, which nothing "
                  "requires any more: %s. Nothing was done, the data is untouched; 'systemctl "
                  "list-units migrated@%s-*' shows them",
                  strerror(-r), declaration->name);
    return r;
}
