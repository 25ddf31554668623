/* SPDX-License-Identifier: MIT */
/* migrate-rehearse@NAME.service: the transient unit in which a rehearsal runs. */
#pragma once

#include "act/follow.h"
#include "declare/declaration.h"

/* Its name. The caller owns it; NULL: out of memory. */
char *rehearse_unit_name(const char *name) _must_check_;

/* Makes and starts it, through systemd-run(1): as the generator makes migrate@NAME.service, with
 * the same [MigrateService] lines. It is gone once it has ended. RESULT_DONE or RESULT_FAILED,
 * which is said. */
int rehearse_unit_start(const Declaration *declaration, const char *unit, bool keep) _must_check_;

/* Does it run? 1, 0 or a negative errno. */
int rehearse_unit_is_up(sd_bus *bus, const char *unit) _must_check_;

/* Follows it until it has ended. 0, -EINTR after Ctrl-C, or a negative errno. */
int rehearse_unit_wait(sd_bus *bus, const char *unit, Follow *follow) _must_check_;
