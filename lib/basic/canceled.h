/* SPDX-License-Identifier: MIT */
/* Declares the flag that SIGTERM, SIGINT and SIGHUP set. */
#pragma once

#include <signal.h>

/* Non-zero after one of these signals: the helper then stops and leaves the state unchanged. Always
 * 0 in migratectl, which a signal ends directly. */
extern volatile sig_atomic_t canceled;
