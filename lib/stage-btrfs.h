/* SPDX-License-Identifier: MIT */
/* Subvolumes of btrfs, and nothing else of it. Private to lib/stage*.c. */
#pragma once

#include "util.h"

/* Whether fd is the root of a subvolume. */
bool is_subvolume(int fd);
/* A new, empty one. 0 or what the ioctl says. */
int subvolume_create(int parent_fd, const char *name) _must_check_;
/* A writable snapshot of the subvolume fd. 0 or what the ioctl says. */
int snapshot_create(int fd, int parent_fd, const char *name) _must_check_;
/* Removes a subvolume without nested ones, content and all. */
int subvolume_destroy(int parent_fd, const char *name) _must_check_;
/* Lets something be removed from a read-only one. */
int subvolume_make_writable(int fd) _must_check_;
