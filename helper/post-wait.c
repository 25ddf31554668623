/* SPDX-License-Identifier: MIT */
/* Waits for units that are between two states. A start that comes while migrate-post@NAME.service
 * still runs gets no run of its own, since systemd merges the two jobs; so a run that finds the
 * units between a stop and a start waits for the outcome. It holds no lock meanwhile, since that
 * start may need a migration. */
#include "post-wait.h"

#include "system/bus.h"
#include "transaction/transaction.h"

#include <poll.h>

#define INTERVAL_MS 200
#define PATIENCE    300 /* intervals, which is a minute */

static int is_on_its_way(sd_bus *bus, const char *unit)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r = bus_unit_has_job(bus, unit);

    if (r != 0)
        return r;
    r = bus_unit_state(bus, unit, &state);
    if (r < 0)
        return r;
    return (streq(state.active, "activating") && !streq(state.sub, "auto-restart")) ||
           streq(state.active, "deactivating");
}

int units_are_on_their_way(char *const *units)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = bus_open(&bus);

    for (; r == 0 && *units; units++)
        r = is_on_its_way(bus, *units);
    return r;
}

void units_wait(char *const *units)
{
    for (int i = 0; i < PATIENCE && !canceled && units_are_on_their_way(units) > 0; i++)
        poll(NULL, 0, INTERVAL_MS);
}
