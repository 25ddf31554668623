/* SPDX-License-Identifier: MIT */
/* What records say about the system that wrote them. */
#pragma once

#include "basic/util.h"

/* A transaction's id: its time, for people and so that the newest sorts last, and random bits. The
 * caller owns it; NULL: out of memory. */
char *system_new_id(uint64_t usec) _must_check_;

/* Which generation of the system is running: on NixOS the path that /run/current-system leads to,
 * elsewhere IMAGE_VERSION or VERSION_ID of os-release(5). NULL if that cannot be told. */
char *system_generation(void) _must_check_;

char *system_boot_id(void) _must_check_;
