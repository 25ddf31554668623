/* SPDX-License-Identifier: MIT */
/* Whose the state is: the user of the service's unit, and the owner on disk. */
#pragma once

#include "judge/facts.h"

/* Without User=, takes the user and the group of scripts from the first unit that has a user, as
 * PID 1 has it loaded. Scripts of a service without a user run as the owner of the primary
 * directory, because such a service gives up root's rights itself. bus NULL: changes nothing. 0 or
 * -ENOMEM. */
int owner_complete(Declaration *declaration, sd_bus *bus) _must_check_;

/* Does PID 1 give this directory to the unit's user at each start (StateDirectory=)? */
bool owner_is_managed(const Declaration *declaration, const char *directory);

/* Compares an owner on disk with the user that owner_complete() took. Returns 0 or -ENOMEM;
 * *reterr_what is a sentence about directory if they differ, else NULL. */
int owner_compare(const Declaration *declaration, const char *directory, uid_t owner,
                  char **reterr_what) _must_check_;

/* Sets facts->owner for the first directory with data whose owner neither is the unit's user nor
 * is corrected in the clone. 0 or -ENOMEM. */
int facts_read_owner(Facts *facts) _must_check_;
