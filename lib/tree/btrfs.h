/* SPDX-License-Identifier: MIT */
/* Handles btrfs subvolumes; see btrfs-ioctl(2). Private to lib/tree. Functions return 0 or the
 * negative errno of the ioctl. */
#pragma once

#include "basic/util.h"

#include <sys/stat.h>

/* Is fd the root of a subvolume? */
bool is_subvolume(int fd);
/* Makes a new, empty subvolume. */
int subvolume_create(int parent_fd, const char *name) _must_check_;
/* Makes a writable snapshot of the subvolume fd. */
int snapshot_create(int fd, int parent_fd, const char *name) _must_check_;
/* Removes a subvolume with its content. The subvolume must not contain nested subvolumes. */
int subvolume_destroy(int parent_fd, const char *name) _must_check_;
int subvolume_set_read_only(int fd, bool read_only) _must_check_;
/* Is the subvolume read-only? Returns 1, 0 or a negative errno. */
int subvolume_is_read_only(int fd) _must_check_;
/* Is fd the empty directory that a snapshot has in place of a nested subvolume? */
bool is_subvolume_stub(int fd, const struct statx *st);
