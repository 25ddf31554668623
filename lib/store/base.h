/* SPDX-License-Identifier: MIT */
/* A base has the clones and backups of one mount: the store, or MOUNT/.migrate/NAME, whose parent a
 * service's user may be able to write. */
#pragma once

#include "basic/util.h"

#define BASE_DIRECTORY ".migrate"

/* Is this the path of a base of NAME outside of the store? Looks at no file. */
bool base_is_outside(const char *base, const char *name);

/* Opens MOUNT/.migrate/NAME below root (NULL: the running system), following no link. A descriptor;
 * -EPERM: others than root own or can write it; -ENOENT; or another negative errno. */
int base_open(const char *root, const char *base) _must_check_;

/* Makes or opens .migrate/NAME in the directory top_fd. If others than root can rename entries of
 * that directory, .migrate is made immutable, so that nobody can replace it; entries of NAME can
 * still change. A descriptor; -EPERM: others than root own or can write it; -EOPNOTSUPP: it cannot
 * be made immutable; -ESTALE: somebody is moving it; or another negative errno. */
int base_make(int top_fd, const char *name) _must_check_;
