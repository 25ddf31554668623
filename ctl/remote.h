/* SPDX-License-Identifier: MIT */
/* --host= and --machine=: the same command line on another system. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* Replaces this process by ssh or systemd-run, which run migratectl with these arguments on the
 * host or in the local container; one of host and machine is NULL. Returns on failure only:
 * RESULT_FAILED, which is said. */
Result remote_run(const char *host, const char *machine, char **arguments);
