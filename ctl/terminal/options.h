/* SPDX-License-Identifier: MIT */
/* migratectl's command line: its options. What they say is in "options" (ctl.h); which of them goes
 * with which verb is main.c's. */
#pragma once

/* Reads the options into "options"; the arguments are at argv + optind then. -1: go on; else the
 * exit status: --help and --version are done, or something is wrong, which is said. */
int options_parse(int argc, char **argv);
/* Frees what that has allocated. */
void options_free(void);
