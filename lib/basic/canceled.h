/* SPDX-License-Identifier: MIT */
/* The flag that SIGTERM, SIGINT and SIGHUP set. */
#pragma once

#include <signal.h>

/* Non-zero after one of these signals: the helper then ends its work and leaves the state
 * unchanged. In migratectl it stays 0, since the signal ends the program. */
extern volatile sig_atomic_t canceled;
