/* SPDX-License-Identifier: MIT */
/* Asks PID 1 about units. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>

/* The arguments of sd_bus_call_method() that address PID 1. */
#define BUS_MANAGER                                                                                \
    "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

/* Connects to PID 1: as root by PID 1's private socket, which needs no bus daemon, otherwise by the
 * system bus. Returns 0 or a negative errno. */
int bus_open(sd_bus **ret) _must_check_;

/* Waits at most a second until PID 1 answers; needs root. PID 1 records the start of a unit only
 * after it has started the process, and "systemctl status" hides all lines that were logged
 * before. */
void bus_await_manager(void);

/* Reads a property of a unit. interface is "Unit", "Service", …. type is "s" (char **), "as" (char
 * ***), or a type of sd_bus_get_property_trivial(). Returns 0 or a negative errno. */
int unit_property(sd_bus *bus, const char *unit, const char *interface, const char *property,
                  const char *type, void *ret) _must_check_;

/* Reads when PID 1 began: CLOCK_MONOTONIC, microseconds. Returns 0 or a negative errno. */
int bus_boot_usec(sd_bus *bus, uint64_t *ret) _must_check_;

typedef struct UnitState {
    char *load, *active, *sub, *cgroup;
} UnitState;

void unit_state_free(UnitState *state);
int bus_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _must_check_;

/* Does a process of the unit run, or is it about to run? A unit that waits for its automatic
 * restart is not live: the restart waits for the migration. Returns 1, 0 or a negative errno. */
int unit_is_live(const UnitState *state) _must_check_;

/* Has a Type=oneshot service run successfully after since_usec (CLOCK_REALTIME, microseconds)? Such
 * a service is inactive again after its start. Returns 1, 0 or a negative errno. */
int bus_oneshot_has_run(sd_bus *bus, const char *unit, uint64_t since_usec) _must_check_;

/* Adds to *list the failed sockets, paths and timers that trigger unit; with gave_up, only units
 * that hit a start or trigger limit, possibly unit itself. Returns 0 or a negative errno. */
int bus_failed_triggers(sd_bus *bus, const char *unit, bool gave_up, char ***list) _must_check_;

/* Appends the loaded units that match pattern, as in systemctl(1), and are in state, such as
 * "active" (NULL: any). Returns 0 or a negative errno. */
int bus_list_units(sd_bus *bus, const char *state, const char *pattern, char ***list) _must_check_;
/* Appends the unit or, if it is a template, its instances that PID 1 has loaded. Returns 0 or a
 * negative errno. */
int bus_instances(sd_bus *bus, const char *unit, char ***list) _must_check_;

/* Appends the units that systemd stops together with this unit and does not start again. Returns 0
 * or a negative errno. */
int bus_stopped_with(sd_bus *bus, const char *unit, char ***list) _must_check_;
/* Appends the sockets, timers and paths that start the unit. Returns 0 or a negative errno. */
int bus_triggers(sd_bus *bus, const char *unit, char ***list) _must_check_;
/* Appends the paths of Unix sockets and FIFOs on which a socket unit listens. Returns 0 or a negative
 * errno. */
int bus_socket_paths(sd_bus *bus, const char *unit, char ***paths) _must_check_;

/* Does the unit have a job that has not ended? Returns 1, 0 or a negative errno. */
int bus_unit_has_job(sd_bus *bus, const char *unit) _must_check_;

/* Has somebody asked PID 1 to stop or restart the unit? A stop by a timeout or a signal has no job.
 * Returns 1, 0 or a negative errno. */
int bus_unit_is_asked_to_stop(sd_bus *bus, const char *unit) _must_check_;

/* Resets the failure of a unit, and requests its start. Does not wait, because the job may be
 * ordered after the caller. Returns 0 or a negative errno. */
int bus_revive(sd_bus *bus, const char *unit) _must_check_;
/* The same without the reset. */
int bus_start_unit(sd_bus *bus, const char *unit) _must_check_;
