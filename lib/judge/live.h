/* SPDX-License-Identifier: MIT */
/* Says whether somebody has written to a state since a transaction was committed. Compares
 * fingerprints of the data, so it finds any writer, not only the service's units. */
#pragma once

#include "store/record-transaction.h"

#include <signal.h>

/* Adds the fingerprint of the new state to a transaction's record, before the software may start on
 * it. fds: the trees, one for each directory, if they are not swapped in yet; NULL: the trees that
 * are live now. Without a fingerprint (on errors), the state counts as written to. */
void live_note(TransactionRecord *record, const int *fds, const volatile sig_atomic_t *cancel);

/* Compares the present fingerprint of a record's directories with noted. 1: equal; 0: different; or
 * a negative errno if a directory cannot be read. */
int live_is(const TransactionRecord *record, const char *noted) _must_check_;

typedef struct LiveSize {
    int64_t bytes, files; /* -1: unknown */
} LiveSize;

/* Says whether all directories of a manifest still have the fingerprint of live_note(). False if
 * unknown. root as for store_open(). *ret_size: what the directories hold now, which the same walk
 * finds out; may be NULL. */
bool live_is_untouched(const char *root, const TransactionRecord *manifest,
                       const volatile sig_atomic_t *cancel, LiveSize *ret_size);
