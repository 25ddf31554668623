/* SPDX-License-Identifier: MIT */
/* Restoring a state of which nothing is left. */
#pragma once

#include "restore/private.h"

/* Sets restore->lost if all directories are missing or empty. 0 or a negative errno. */
int restore_find_lost(Restore *restore) _must_check_;
/* Finds the version that was lost in the last-seen record. The same. */
int restore_find_lost_version(Restore *restore) _must_check_;

/* Makes the missing directories. The places are those of the backup before and after. 0 or a
 * negative errno, some with reterr_what. */
int restore_make_directories(Restore *restore, char **reterr_what) _must_check_;
/* Removes these directories after a failure, if nothing is in flight. */
void restore_unmake_directories(const Restore *restore);
