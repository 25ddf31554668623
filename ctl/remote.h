/* SPDX-License-Identifier: MIT */
/* Runs the same command line on another system (--host=, --machine=). */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* Replaces this process by ssh or systemd-run, which run migratectl with the same arguments on the
 * host or in the local container. One of host and machine is NULL. Returns only on failure:
 * RESULT_FAILED after printing the reason. */
Result remote_run(const char *host, const char *machine, char **arguments);
