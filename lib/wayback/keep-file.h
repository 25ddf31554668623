/* SPDX-License-Identifier: MIT */
/* Keeps files whose originals may change or vanish. */
#pragma once

#include "basic/util.h"

/* Copies the regular file at path, following links, to a new name in a directory. mode 0: the copy
 * gets owner and mode of the original (without set-id bits), so that no other user can read the
 * copy. Shares contents with the original if the file system can do that, whatever the size. The
 * caller syncs the file system. 0; -EINVAL: not a regular file; -EFBIG: larger than max, and contents
 * cannot be shared; -ESTALE: the file shrank during the copy; or another negative errno. */
int keep_file(int dir_fd, const char *name, const char *path, uint64_t max,
              mode_t mode) _must_check_;

/* Does the file at path still have the content of the copy? executable: the file must also be
 * executable. */
bool keep_file_is_same(int dir_fd, const char *name, const char *path, bool executable);

/* Describes the content of a regular file by its size and a hash, to notice accidental changes.
 * Replaces *ret. 0 or a negative errno. */
int keep_file_describe(int dir_fd, const char *name, char **ret) _must_check_;
