/* SPDX-License-Identifier: MIT */
/* Subvolumes of btrfs, and nothing else of it. Private to lib/tree. */
#pragma once

#include "basic/util.h"

#include <sys/stat.h>

/* Whether fd is the root of a subvolume. */
bool is_subvolume(int fd);
/* A new, empty one. 0 or what the ioctl says. */
int subvolume_create(int parent_fd, const char *name) _must_check_;
/* A writable snapshot of the subvolume fd. 0 or what the ioctl says. */
int snapshot_create(int fd, int parent_fd, const char *name) _must_check_;
/* Removes a subvolume without nested ones, content and all. */
int subvolume_destroy(int parent_fd, const char *name) _must_check_;
/* 0 also if it is what is wanted already. */
int subvolume_set_read_only(int fd, bool read_only) _must_check_;
/* 1, 0, or what the ioctl says. */
int subvolume_is_read_only(int fd) _must_check_;
/* Whether this is the empty directory that a snapshot has where the original had a subvolume. */
bool is_subvolume_stub(int fd, const struct statx *st);
