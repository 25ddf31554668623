/* SPDX-License-Identifier: MIT */
/* Records the version of a state without migrating it. */
#pragma once

#include "transaction/transaction.h"

/* Stamps every directory of the live state with version. how: the action for the history. from: the
 * earlier version, for the history; may be NULL. Returns a Result. */
int state_record(Run *run, const char *from, const char *version, Action how) _must_check_;

/* Records which directories and excluded paths are mount points of disks, but only while nobody uses
 * the state: the service may have made the mounts. anew: drops those that are missing. Returns 0 or
 * a negative errno, which state_refuse_mounts() reports. */
int state_remember_mounts(Run *run, bool anew) _must_check_;
Result state_refuse_mounts(Run *run, int error);

/* Lets software of the declared version make the state, which does not exist yet. Returns a
 * Result. */
int state_start_fresh(Run *run) _must_check_;
