/* SPDX-License-Identifier: MIT */
/* Writes the last-seen record (store/known.h). */
#pragma once

#include "store/known.h"
#include "transaction/flight.h"
#include "transaction/transaction.h"

/* Records the version TO and its software as last seen. Returns 0 or a negative errno. */
int remember_flight(const Flight *flight) _must_check_;

/* Records the version of the stamps as last seen. A failure is logged, and stops nothing. */
void remember_run(const Run *run, const char *version);
