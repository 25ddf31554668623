/* SPDX-License-Identifier: MIT */
/* Copies of files whose originals may change or go. */
#pragma once

#include "basic/util.h"

/* Copies the regular file at path, following links, to a new name in a directory. mode 0: owner and
 * mode of the original (without set-id bits), so that nobody can read more than before. Durable
 * with the next sync of that file system. 0; -EINVAL: no regular file; -EFBIG: larger than max;
 * -ESTALE: it shrank during the copy; or another negative errno. */
int keep_file(int dir_fd, const char *name, const char *path, uint64_t max,
              mode_t mode) _must_check_;

/* Has path still the content of the copy, and with executable, can it be executed? */
bool keep_file_is_same(int dir_fd, const char *name, const char *path, bool executable);

/* A hash of a regular file, to notice accidents. 0 or a negative errno. */
int keep_file_hash(int dir_fd, const char *name, uint64_t *ret_size,
                   uint64_t *ret_hash) _must_check_;
