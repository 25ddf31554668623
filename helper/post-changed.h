/* SPDX-License-Identifier: MIT */
/* Compares a Post= hook with the hook at the time of its migration. */
#pragma once

#include "store/record-post.h"
#include "transaction/transaction.h"

/* Returns true if the hook may run as it is now. An upgrade of a package may bring another script
 * at the same path, so a changed hook runs with a note in the journal, and so does a hook that an
 * earlier version recorded. If the old hook was approved, a changed hook needs a new approval: then
 * returns false, after logging the command to run. */
bool post_may_run(const Run *run, const PostHook *hook);
