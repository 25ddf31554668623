/* SPDX-License-Identifier: MIT */
/* Restores a state that is lost: all of its directories are missing or empty. */
#pragma once

#include "restore/private.h"

/* Sets restore->lost if all directories are missing or empty. Returns 0 or a negative errno. */
int restore_find_lost(Restore *restore) _must_check_;
/* Finds the version that was lost in the last-seen record, or takes the version of the backup.
 * Returns 0 or a negative errno. */
int restore_find_lost_version(Restore *restore) _must_check_;

/* Makes the missing directories. The places describe the backup before and after the call. Returns
 * 0 or a negative errno; some errors set reterr_what. */
int restore_make_directories(Restore *restore, char **reterr_what) _must_check_;
/* Removes the new directories after a failure, if nothing is in flight. */
void restore_unmake_directories(const Restore *restore);
