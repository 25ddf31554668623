/* SPDX-License-Identifier: MIT */
/* The one place that makes the store's records durable.
 *
 * The rule: a record is complete or not there. Content is on disk before its name is, a name is on
 * disk before anything that relies on it, and the removal of a record is on disk before anything
 * that the record protected is used again. (A tree gets one syncfs(), from the code that swaps
 * it.) */
#pragma once

#include "basic/util.h"

/* Replaces name by data: temporary file, fsync, rename, fsync of the directory. After a crash name
 * holds the old content or the new. 0 or a negative errno: then name holds the old content, or the
 * new where only the sync of the directory failed. */
int durable_replace(int dir_fd, const char *name, const void *data, size_t size) _must_check_;

/* Removes name durably. A missing name is 0. */
int durable_unlink(int dir_fd, const char *name) _must_check_;

/* Appends line in one write and syncs. Ends a torn last line first. Leaves no part of the line
 * behind when the disk is full. */
int durable_append(int dir_fd, const char *name, const char *line) _must_check_;

/* Makes a directory durably that only root can write, or opens the one that is there. Returns a
 * descriptor or a negative errno; -EPERM: others than root own or can write it. */
int durable_mkdir(int dir_fd, const char *name) _must_check_;
