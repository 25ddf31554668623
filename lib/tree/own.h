/* SPDX-License-Identifier: MIT */
/* Gives a whole tree to a user. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* Gives every entry of the tree to uid and gid, and leaves modes as they are. Nobody else may be
 * able to write to the tree. cancel may be NULL. Returns 0 or a negative errno; *reterr_what, owned
 * by the caller, may then name the entry. */
int tree_own(int dir_fd, uid_t uid, gid_t gid, const volatile sig_atomic_t *cancel,
             char **reterr_what) _must_check_;
