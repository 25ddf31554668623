/* SPDX-License-Identifier: MIT */
/* Runs a rehearsal in the transient unit migrate-rehearse@NAME.service. */
#pragma once

#include "act/follow.h"
#include "basic/result.h"
#include "declare/declaration.h"

/* Makes the unit's name. The caller owns the string; NULL: out of memory. */
char *rehearse_unit_name(const char *name) _must_check_;

/* Creates and starts the unit with systemd-run(1), with the same [MigrateService] lines as
 * migrate@NAME.service. Returns RESULT_DONE, or RESULT_FAILED after printing the reason. */
Result rehearse_unit_start(const Declaration *declaration, const char *unit,
                           bool keep) _must_check_;

/* Returns 1 if the unit is running, 0 if not, or a negative errno. */
int rehearse_unit_is_up(sd_bus *bus, const char *unit) _must_check_;

/* Follows the unit until the unit has ended. Returns 0, -EINTR after Ctrl-C, or a negative
 * errno. */
int rehearse_unit_wait(sd_bus *bus, const char *unit, Follow *follow) _must_check_;
