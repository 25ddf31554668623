/* SPDX-License-Identifier: MIT */
/* Describes a service in words. The caller owns the strings; NULL: out of memory. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

/* Returns the version of the state, all versions if there are several, or "?". */
char *detail_state(const Service *service) _must_check_;
/* Returns the condition and the versions: "pending (1 → 2)". */
char *detail_condition(const Service *service) _must_check_;
/* Returns the states of the units: "active", "inactive", "1 of 2 active". */
char *detail_units(const Service *service) _must_check_;
Colour detail_colour(const Service *service);

/* Prints the service as a block, like systemctl status. */
void detail_print(const Service *service);

/* Formats microseconds: "850 ms", "3.2 s", "2 min 10 s". */
char *detail_duration(int64_t usec) _must_check_;
/* Formats bytes: "12.5 MiB". */
char *detail_size(int64_t bytes) _must_check_;
