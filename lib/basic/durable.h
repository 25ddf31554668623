/* SPDX-License-Identifier: MIT */
/* Makes the store's records durable. All durable writes of records are in this file.
 *
 * The rule: a record is complete or missing. The content is on disk before the name. The name is on
 * disk before anything relies on the record. The removal of a record is on disk before anything
 * that the record protected is used again. (The code that swaps trees syncs them by one
 * syncfs().) */
#pragma once

#include "basic/util.h"

/* Replaces the content of name by data: temporary file, fsync, rename, fsync of the directory.
 * After a crash, name has the old or the new content.
 *
 * Returns 0 or a negative errno. After an error, name has the old content, or the new content if
 * only the sync of the directory failed. */
int durable_replace(int dir_fd, const char *name, const void *data, size_t size) _must_check_;

/* Removes name durably. Returns 0, also if name is missing, or a negative errno. */
int durable_unlink(int dir_fd, const char *name) _must_check_;

/* Appends line in one write and syncs. If the last line is incomplete, ends that line first. If the
 * write fails, removes what was written. Returns 0 or a negative errno. */
int durable_append(int dir_fd, const char *name, const char *line) _must_check_;

/* Makes a directory durably, or opens an existing one. Only root can write to the directory.
 * Returns a descriptor or a negative errno; -EPERM: name is not a directory, or users other than
 * root own it or can write to it. */
int durable_mkdir(int dir_fd, const char *name) _must_check_;
