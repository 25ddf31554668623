/* SPDX-License-Identifier: MIT */
/* Recording the version of a state without migrating it. */
#pragma once

#include "transaction/transaction.h"

/* Stamps every place of the live state with version, and notes in the history how that was found
 * and what it was before (from, may be NULL). A Result. */
int state_record(Run *run, const char *from, const char *version, Action how) _must_check_;

/* There is no state yet: lets software of the declared version make it. A Result. */
int state_start_fresh(Run *run) _must_check_;
