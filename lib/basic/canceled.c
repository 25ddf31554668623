/* SPDX-License-Identifier: MIT */
/* One flag for the process, since a signal handler takes no argument. */
#include "basic/canceled.h"

volatile sig_atomic_t canceled;
