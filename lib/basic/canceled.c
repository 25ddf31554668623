/* SPDX-License-Identifier: MIT */
/* One flag a process, since a signal handler can be given no argument. */
#include "basic/canceled.h"

volatile sig_atomic_t canceled;
