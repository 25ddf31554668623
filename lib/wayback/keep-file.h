/* SPDX-License-Identifier: MIT */
/* Copies files whose originals may change or go. */
#pragma once

#include "basic/util.h"

/* Copies the regular file at path, following links, to a new name in a directory. mode 0: the copy
 * gets owner and mode of the original (without set-id bits), so that nobody else can read it. The
 * caller syncs the file system. 0; -EINVAL: not a regular file; -EFBIG: larger than max; -ESTALE:
 * the file shrank during the copy; or another negative errno. */
int keep_file(int dir_fd, const char *name, const char *path, uint64_t max,
              mode_t mode) _must_check_;

/* Says whether the file at path still has the content of the copy, and can be executed if
 * executable is set. */
bool keep_file_is_same(int dir_fd, const char *name, const char *path, bool executable);

/* Computes the size and a hash of a regular file, to notice accidents. 0 or a negative errno. */
int keep_file_hash(int dir_fd, const char *name, uint64_t *ret_size,
                   uint64_t *ret_hash) _must_check_;
