/* SPDX-License-Identifier: MIT */
/* Handles Init= on a first start, where that differs from a migration. */
#pragma once

#include "transaction/private.h"

/* Makes the missing directories, empty, and opens them: the sandbox mounts clones over them. After
 * a crash an empty directory is as fresh as a missing one. Returns RESULT_DONE, or another Result,
 * which was logged. */
Result init_make_directories(Run *run) _must_check_;

/* Gives the clones of empty directories to User= and Group=, if declared. Returns RESULT_DONE, or
 * another Result with the reason in t->what. */
Result init_own_clones(Transaction *t) _must_check_;

/* Fails if Init= has made nothing. Returns RESULT_DONE, or another Result with the reason in
 * t->what. */
Result init_verify(Transaction *t) _must_check_;
