/* SPDX-License-Identifier: MIT */
/* Reads the kernel command line like systemd. */
#pragma once

#include "basic/util.h"

/* Would ConditionKernelCommandLine= find word? Reads $SYSTEMD_PROC_CMDLINE if it is set, otherwise
 * /proc/cmdline or, in a container, the arguments of PID 1. With live false, only the variable is
 * read. Returns false if nothing can be read. */
bool kernel_command_line_has(const char *word, bool live);
/* The same for the text, which has size bytes and a NUL after these. Changes the text. */
bool kernel_command_line_contains(char *text, size_t size, const char *word);
