/* SPDX-License-Identifier: MIT */
/* Has a state been written to since a transaction was committed? Told by its fingerprint then and
 * now, not by which units were started: whoever wrote, it shows. */
#pragma once

#include "store/record-transaction.h"

#include <signal.h>

/* Adds to a transaction's record the fingerprint of what is about to be live in its places, or is
 * live there now, before anybody may start on it; fds: one a place, of the trees as they lie, or
 * NULL: as they are live. Moving a tree to its place does not change it. Where it cannot be taken
 * none is added, and the state counts as written to. */
void live_note(TransactionRecord *record, const int *fds, const volatile sig_atomic_t *cancel);

/* Is all that is live in the places of a manifest as it was noted? root as for store_open(). False
 * also where that cannot be told. */
bool live_is_untouched(const char *root, const TransactionRecord *manifest,
                       const volatile sig_atomic_t *cancel);
