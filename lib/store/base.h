/* SPDX-License-Identifier: MIT */
/* A base: where the clones and backups of one mount live. The store, or MOUNT/.migrate/NAME, which
 * may lie in a directory that a service user can write. */
#pragma once

#include "basic/util.h"

#define BASE_DIRECTORY ".migrate"

/* Is that the path of a base of NAME outside the store? Says nothing about what is there. */
bool base_is_outside(const char *base, const char *name);

/* Opens MOUNT/.migrate/NAME below root (NULL: the running system), following no link on the way. A
 * descriptor; -EPERM: what is there is not root's alone; or another negative errno, -ENOENT where
 * there is none. */
int base_open(const char *root, const char *base) _must_check_;

/* Makes .migrate/NAME in the directory top_fd, or opens what is there. Where others than root can
 * rename what lies in that directory, .migrate is made immutable, which leaves what is in NAME as
 * changeable as ever: else they could put another one in its place. A descriptor; -EPERM: what is
 * there is not root's alone; -EOPNOTSUPP: it would have to be immutable, and cannot be; -ESTALE:
 * somebody is moving it about; or another negative errno. */
int base_make(int top_fd, const char *name) _must_check_;
