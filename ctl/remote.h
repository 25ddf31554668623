/* SPDX-License-Identifier: MIT */
/* --host= and --machine=: the same command line, elsewhere. */
#pragma once

#include "basic/util.h"

/* Becomes migratectl on that host (by ssh) or in that local container (by systemd-run), with these
 * arguments: of host and machine, one is NULL. Returns only where that could not be begun, which is
 * RESULT_FAILED, after saying why. */
int remote_run(const char *host, const char *machine, char **arguments);
