/* SPDX-License-Identifier: MIT */
/* The one home of durability for the store's records.
 *
 * The rule: a record is complete or not there. Content is on disk before its name is, a name is on
 * disk before anything that relies on it, and a removal is on disk before what it protected is
 * reused. (Trees are another matter: they get one syncfs(), by whoever swaps them.) */
#pragma once

#include "basic/util.h"

/* Makes name hold data: temporary file, fsync, rename, fsync of the directory. After a crash it
 * holds the old content or the new. 0 or a negative errno: then it holds the old content, or, where
 * only the directory could not be synced, the new. */
int durable_replace(int dir_fd, const char *name, const void *data, size_t size) _must_check_;

/* Removes name and makes that durable. A name that is not there is 0. */
int durable_unlink(int dir_fd, const char *name) _must_check_;

/* Appends data as one write, and syncs. If the file does not end in a newline (a torn append), one
 * is put in between. Never leaves a part behind when the disk is full. */
int durable_append(int dir_fd, const char *name, const char *line) _must_check_;

/* Makes a directory of root's alone if it is not there, durably; what is there must be one. Returns
 * a descriptor or a negative errno; -EPERM: somebody else owns or can write it. */
int durable_mkdir(int dir_fd, const char *name) _must_check_;
