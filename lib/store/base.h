/* SPDX-License-Identifier: MIT */
/* Opens and makes bases. A base is the directory with the clones and backups of one mount: the
 * store, or MOUNT/.migrate/NAME. A service's user may be able to write to MOUNT. */
#pragma once

#include "basic/util.h"

#define BASE_DIRECTORY ".migrate"

/* Says whether the path is a base of NAME outside of the store. Touches no file. */
bool base_is_outside(const char *base, const char *name);

/* Opens a directory that belongs to root (in tests: the user). Returns a descriptor; -EPERM: other
 * users own it or can write to it; or another negative errno. */
int open_own(int dir_fd, const char *name) _must_check_;

/* Opens the base MOUNT/.migrate/NAME below root (NULL: the running system), following no link.
 * Returns as open_own(). */
int base_open(const char *root, const char *base) _must_check_;

/* Makes or opens .migrate/NAME in the directory top_fd. If users other than root can rename entries
 * of top_fd, makes .migrate immutable; entries of NAME can still change. Returns as open_own(), or
 * -EOPNOTSUPP: .migrate cannot be made immutable; -ESTALE: somebody moves .migrate at the same
 * time. */
int base_make(int top_fd, const char *name) _must_check_;
