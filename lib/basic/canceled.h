/* SPDX-License-Identifier: MIT */
/* Declares the flag that SIGTERM, SIGINT and SIGHUP set. */
#pragma once

#include <signal.h>

/* Non-zero after a signal: the helper then stops and leaves the state unchanged. Always 0 in
 * migratectl, which does not use this flag. */
extern volatile sig_atomic_t canceled;
