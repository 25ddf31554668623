/* SPDX-License-Identifier: MIT */
/* Defines one flag for the process, because a signal handler takes no argument. */
#include "basic/canceled.h"

volatile sig_atomic_t canceled;
