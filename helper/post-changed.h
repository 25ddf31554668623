/* SPDX-License-Identifier: MIT */
/* Is a Post= hook still what it was when the migration ran that it belongs to? */
#pragma once

#include "store/record-post.h"
#include "transaction/transaction.h"

/* May it run as it is now? A package that was upgraded meanwhile brings another script at the same
 * path, so a changed one runs, and the journal says that it was changed; but not where somebody had
 * agreed to the one that was there: he has to agree to this one, too (migratectl approve). That has
 * been logged, with what to type. A hook that an earlier version wrote down runs. */
bool post_may_run(const Run *run, const PostHook *hook);
