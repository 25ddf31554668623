/* SPDX-License-Identifier: MIT */
/* Compares the user of the service's unit with the owner of the state on disk. */
#pragma once

#include "judge/facts.h"

/* If the declaration has no User=, takes the scripts' user and group from the first unit that has a
 * user, by asking PID 1. If no unit has a user, the scripts run as the owner of the primary
 * directory. bus NULL: changes nothing. 0 or -ENOMEM. */
int owner_complete(Declaration *declaration, sd_bus *bus) _must_check_;

/* Says whether PID 1 gives the directory to the unit's user at each start (StateDirectory=). */
bool owner_is_managed(const Declaration *declaration, const char *directory);

/* Compares an owner on disk with the user that owner_complete() took. Returns 0 or -ENOMEM;
 * *reterr_what is a sentence about directory if they differ, else NULL. */
int owner_compare(const Declaration *declaration, const char *directory, uid_t owner,
                  char **reterr_what) _must_check_;

/* Sets facts->owner for the first directory with data whose owner is not the unit's user, unless
 * the owner is corrected in the clone. 0 or -ENOMEM. */
int facts_read_owner(Facts *facts) _must_check_;
