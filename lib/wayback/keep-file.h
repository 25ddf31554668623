/* SPDX-License-Identifier: MIT */
/* Copies of files that will be needed when the original may be gone, or be another. */
#pragma once

#include "basic/util.h"

/* Copies the regular file at path, wherever links lead, to name in a directory, where that must
 * not be yet. mode 0: owner and mode are the original's (without set-id bits), so that nobody can
 * read the copy who could not read the original. Durable with the next sync of that file system. 0;
 * -EINVAL: no regular file; -EFBIG: larger than max; -ESTALE: it shrank meanwhile; or another
 * negative errno. */
int keep_file(int dir_fd, const char *name, const char *path, uint64_t max,
              mode_t mode) _must_check_;

/* Does path still hold what the copy holds, and, with executable, may somebody execute it? */
bool keep_file_is_same(int dir_fd, const char *name, const char *path, bool executable);

/* What is in a regular file, for telling accidents by. 0 or a negative errno. */
int keep_file_hash(int dir_fd, const char *name, uint64_t *ret_size,
                   uint64_t *ret_hash) _must_check_;
