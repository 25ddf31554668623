/* SPDX-License-Identifier: MIT */
/* Finds facts about the running system for records. */
#pragma once

#include "basic/util.h"

/* Makes a transaction id: the time, so that the newest id sorts last, and random bits. The caller
 * frees the string; NULL: out of memory. */
char *system_new_id(uint64_t usec) _must_check_;

/* Finds the generation of the system: on NixOS the target of /run/current-system, elsewhere
 * IMAGE_VERSION or VERSION_ID of os-release(5). NULL: unknown, or out of memory. */
char *system_generation(void) _must_check_;

/* Finds a value in the text of os-release(5), which is changed. NULL: not there, or out of memory. */
char *os_release_value(char *text, const char *key) _must_check_;

char *system_boot_id(void) _must_check_;

/* Returns an id of this system, derived from machine-id(5), which must not be shown itself. NULL: the
 * system has none, or out of memory. */
char *system_machine(void) _must_check_;
