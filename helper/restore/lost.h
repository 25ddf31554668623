/* SPDX-License-Identifier: MIT */
/* Bringing back a state of which nothing is left. */
#pragma once

#include "restore/private.h"

/* Says in restore->lost whether there is nothing in any directory. 0 or a negative errno. */
int restore_find_lost(Restore *restore) _must_check_;
/* The version that it had, as far as that is remembered. The same. */
int restore_find_lost_version(Restore *restore) _must_check_;

/* Makes the directories that are missing; the places are those of the backup before and after. 0 or
 * a negative errno, with reterr_what where memory suffices. */
int restore_make_directories(Restore *restore, char **reterr_what) _must_check_;
/* Where nothing came of it, and nothing is in flight: they go again. */
void restore_unmake_directories(const Restore *restore);
