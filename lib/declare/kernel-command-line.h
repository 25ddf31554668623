/* SPDX-License-Identifier: MIT */
/* The kernel command line, as systemd understands it. */
#pragma once

#include "basic/util.h"

/* Does this word stand on it? What ConditionKernelCommandLine= looks at: $SYSTEMD_PROC_CMDLINE if
 * that is set; else, in a container, PID 1's own arguments. live false: that variable alone, so
 * that nothing of the system is looked at. What cannot be read has no words. */
bool kernel_command_line_has(const char *word, bool live);
