/* SPDX-License-Identifier: MIT */
/* The work that remains after the commit. */
#pragma once

#include "transaction/flight.h"

/* After the last exchange, or in phase "concluding": syncs, stamps, leaves the hooks for after the
 * start, writes manifest and history, removes the record. Repeatable at every point. 0 or a
 * negative errno. */
int conclude(Flight *flight) _must_check_;

/* In phase "recording": stamps every directory with TO, writes the history, removes the record.
 * Repeatable at every point. 0, or a negative errno, with the number of the directory in *ret_i. */
int conclude_recording(Flight *flight, size_t *ret_i) _must_check_;
