/* SPDX-License-Identifier: MIT */
/* The kernel command line, as systemd reads it. */
#pragma once

#include "basic/util.h"

/* Is word on the kernel command line, as ConditionKernelCommandLine= would see it: in
 * $SYSTEMD_PROC_CMDLINE if set, else in /proc/cmdline, or in a container in the arguments of PID 1?
 * With live false, only the variable is read. False where nothing can be read. */
bool kernel_command_line_has(const char *word, bool live);
