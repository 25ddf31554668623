/* SPDX-License-Identifier: MIT */
/* Making the store remember a state, see known.h; and what is said where one that it remembers is
 * not there. */
#pragma once

#include "store/known.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"

/* What a transaction leads to, and the software that belongs to it. 0 or a negative errno. */
int remember_flight(const Flight *flight) _must_check_;

/* What the stamps say. That it cannot be written is told, and no reason to refuse anything. */
void remember_run(const Run *run, const char *version);

/* The state is gone, but remembered: what was, and the ways out. The caller owns it; NULL: out of
 * memory. */
char *remember_describe_missing(const Run *run, const Known *known);

/* "; it was in /var/lib/old then" where the declaration has other directories now, or "". The same.
 */
char *remember_describe_elsewhere(const Run *run, const Known *known);
