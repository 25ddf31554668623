/* SPDX-License-Identifier: MIT */
/* Asking PID 1 about units. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>

/* The address of PID 1's methods, for sd_bus_call_method(). */
#define BUS_MANAGER                                                                                \
    "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

/* Connects to PID 1: as root by its private socket, which needs no bus daemon, else by the system
 * bus. 0 or a negative errno. */
int bus_open(sd_bus **ret) _must_check_;

/* Returns once PID 1 has answered, or after a second; needs root. PID 1 records the start of a unit
 * only after it has started the process, and "systemctl status" shows no earlier lines: those of a
 * process that ends within a millisecond would be missing. The answer comes after the record. */
void bus_await_manager(void);

/* Reads a property of a unit; interface is "Unit", "Service", …. type is "s" (char **), "as"
 * (char ***), or one of sd_bus_get_property_trivial(). 0 or a negative errno. */
int unit_property(sd_bus *bus, const char *unit, const char *interface, const char *property,
                  const char *type, void *ret) _must_check_;

typedef struct UnitState {
    char *load, *active, *sub, *cgroup;
} UnitState;

void unit_state_free(UnitState *state);
int bus_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _must_check_;

/* Whether a process of the unit runs, or is about to. A unit that waits for its automatic restart
 * is not live, since its job waits for the migration. 1, 0 or a negative errno. */
int unit_is_live(const UnitState *state) _must_check_;

/* Whether a Type=oneshot service has run since then (CLOCK_REALTIME, microseconds), and has
 * succeeded. Such a service is inactive again after its start. 1, 0 or a negative errno. */
int bus_oneshot_has_run(sd_bus *bus, const char *unit, uint64_t since_usec) _must_check_;

/* Adds to *list the units that trigger the unit (sockets, paths, timers) and have failed. With
 * gave_up, only those that failed because they could not start the unit. 0 or a negative errno. */
int bus_failed_triggers(sd_bus *bus, const char *unit, bool gave_up, char ***list) _must_check_;

/* Whether a job of the unit has not ended yet. 1, 0 or a negative errno. */
int bus_unit_has_job(sd_bus *bus, const char *unit) _must_check_;

/* Resets the failure of a unit, and starts it. Does not wait, since the job may be ordered after
 * the caller. 0 or a negative errno. */
int bus_revive(sd_bus *bus, const char *unit) _must_check_;
