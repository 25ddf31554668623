/* SPDX-License-Identifier: MIT */
/* Writes the last-seen record (store/known.h); describes a state that the record has and the disk
 * has not. */
#pragma once

#include "store/known.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"

/* Records TO, and the software of TO. 0 or a negative errno. */
int remember_flight(const Flight *flight) _must_check_;

/* Records the version of the stamps. A failure is logged, and stops nothing. */
void remember_run(const Run *run, const char *version);

/* The version that is gone, and the ways out. The caller owns it; NULL: out of memory. */
char *remember_describe_missing(const Run *run, const Known *known);

/* ". It was in /var/lib/old then…" if the declaration has other directories now, or "". The same.
 */
char *remember_describe_elsewhere(const Run *run, const Known *known);
