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

/* Returns MOUNT/ of MOUNT/.migrate/NAME. The caller owns the string; NULL: out of memory. */
char *base_top(const char *base) _must_check_;

/* Makes or opens .migrate/NAME in the directory top_fd. If users other than root can rename entries
 * of top_fd, makes .migrate immutable; entries of NAME can still change. *ret_lock_fd keeps others
 * from removing the base: the caller closes it once something is in the base. Returns as open_own(),
 * or -EOPNOTSUPP: .migrate cannot be made immutable; -ESTALE: somebody moves .migrate at the same
 * time. */
int base_make(int top_fd, const char *name, int *ret_lock_fd) _must_check_;

/* Removes .migrate, durably, if the bases of all services in it are empty, because the software can
 * see it in the root of a mounted state. Returns 0 (also if a base is not empty, or if there is
 * none), or a negative errno. */
int base_remove_empty(const char *base) _must_check_;
