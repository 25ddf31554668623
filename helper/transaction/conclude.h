/* SPDX-License-Identifier: MIT */
/* Does the work that remains after the commit. */
#pragma once

#include "transaction/flight.h"

/* Concludes a transaction after the last exchange, or in phase "concluding": syncs, stamps, records
 * the hooks that run after the start, writes manifest and history, and removes the record.
 * Repeatable at every point. Returns 0 or a negative errno. */
int conclude(Flight *flight) _must_check_;

/* Concludes a transaction in phase "recording": stamps every directory with TO, writes the history,
 * and removes the record. Repeatable at every point. Returns 0, or a negative errno with the number
 * of the directory in *ret_i. */
int conclude_recording(Flight *flight, size_t *ret_i) _must_check_;

/* Records the version of the stamps as last seen (store/known.h). A failure is only logged. */
void remember_run(const Run *run, const char *version);

/* Records which directories and excluded paths are mount points of disks. PID 1 demands these at the
 * next start, and looks at them. add: adds to the record, which the caller must not do while the
 * service runs, because the service may have mounted them. anew: drops what is missing now. Returns 0
 * or a negative errno. */
int remember_mounts(const Store *store, const Place *places, size_t n_places, bool add,
                    bool anew) _must_check_;
