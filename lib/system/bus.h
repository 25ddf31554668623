/* SPDX-License-Identifier: MIT */
/* Asking PID 1 about units. */
#pragma once

#include "basic/util.h"

#include <systemd/sd-bus.h>

/* Connects to PID 1: as root directly, so that it works before and without a bus daemon, else over
 * the system bus. 0 or a negative errno. */
int bus_open(sd_bus **ret) _must_check_;

/* Returns once PID 1 has answered, or a second has passed, or it cannot be asked; as root. PID 1
 * makes the process of a unit first and writes down after it that the unit has begun, and
 * "systemctl status" shows no line from before that: a process that says its last within a
 * millisecond would seem to have said nothing. An answer comes after both, as PID 1 does one
 * thing after another. It never waits for the process of a service without answering others. */
void bus_await_manager(void);

typedef struct UnitState {
    char *load, *active, *sub, *cgroup;
} UnitState;

void unit_state_free(UnitState *state);
int bus_unit_state(sd_bus *bus, const char *unit, UnitState *ret) _must_check_;

/* Is anything of the unit running, or about to? A unit that waits for its automatic restart is not:
 * its job waits for us. 1, 0 or a negative errno. */
int unit_is_live(const UnitState *state) _must_check_;

/* Has a Type=oneshot service run since then (CLOCK_REALTIME, microseconds), and succeeded by
 * itself? Such a one is inactive behind its start, when that is done. 1, 0 or a negative errno. */
int bus_oneshot_has_run(sd_bus *bus, const char *unit, uint64_t since_usec) _must_check_;

/* Lists units that trigger the unit (sockets, paths, timers) and have failed; with gave_up only
 * those that did so since the unit, which was held down, could not be started often enough. Adds to
 * *list what is not there yet. 0 or a negative errno. */
int bus_failed_triggers(sd_bus *bus, const char *unit, bool gave_up, char ***list) _must_check_;

/* Is there a job for the unit that has not ended yet? 1, 0 or a negative errno. */
int bus_unit_has_job(sd_bus *bus, const char *unit) _must_check_;

/* Forgets that a unit has failed, and starts it. Does not wait: the job may be ordered after
 * whoever asks. 0 or a negative errno. */
int bus_revive(sd_bus *bus, const char *unit) _must_check_;
