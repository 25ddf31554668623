/* SPDX-License-Identifier: MIT */
/* Rehearses a migration. */
#pragma once

#include "basic/util.h"

/* Tries a migration of service NAME on a clone of the state, which is removed afterwards, and
 * changes nothing else. With the argument "keep" the clone stays, so that an operator can look at
 * it. See verbs.h. */
int verb_rehearse(char **arguments) _must_check_;
