/* SPDX-License-Identifier: MIT */
/* migrate-rehearse@NAME.service: the transient unit in which a rehearsal runs. */
#pragma once

#include "act/follow.h"
#include "basic/result.h"
#include "declare/declaration.h"

/* The unit's name. The caller owns it; NULL: out of memory. */
char *rehearse_unit_name(const char *name) _must_check_;

/* Creates and starts the unit with systemd-run(1), with the [MigrateService] lines that
 * migrate@NAME.service has. RESULT_DONE or RESULT_FAILED, which is said. */
Result rehearse_unit_start(const Declaration *declaration, const char *unit,
                           bool keep) _must_check_;

/* Is the unit running? 1, 0 or a negative errno. */
int rehearse_unit_is_up(sd_bus *bus, const char *unit) _must_check_;

/* Follows the unit until it has ended. 0, -EINTR after Ctrl-C, or a negative errno. */
int rehearse_unit_wait(sd_bus *bus, const char *unit, Follow *follow) _must_check_;
