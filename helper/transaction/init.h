/* SPDX-License-Identifier: MIT */
/* Init= on a first start: the differences from a migration. */
#pragma once

#include "transaction/private.h"

/* Makes missing directories, empty, since the sandbox mounts clones over them; opens them. After a
 * crash an empty directory is as fresh as none. RESULT_DONE, or another Result, which was logged.
 */
Result init_make_directories(Run *run) _must_check_;

/* Gives the clones of empty directories to User= and Group=, if declared. 0, or a Result with the
 * reason in t->what. */
Result init_own_clones(Transaction *t) _must_check_;

/* Has Init= made something? The same. */
Result init_verify(Transaction *t) _must_check_;
