/* SPDX-License-Identifier: MIT */
/* The flag that SIGTERM, SIGINT and SIGHUP set. */
#pragma once

#include <signal.h>

/* Non-zero once one of these signals has arrived: the helper then ends what it does and leaves the
 * state as it was. In migratectl it stays 0, since the signal itself ends the program. */
extern volatile sig_atomic_t canceled;
