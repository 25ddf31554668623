/* SPDX-License-Identifier: MIT */
/* Opens and reads directories. */
#pragma once

#include "basic/util.h"

/* Opens the directory name in dir_fd, which may not be a symbolic link. A descriptor or a negative
 * errno. */
int directory_fd(int dir_fd, const char *name) _must_check_;

/* Opens the directory at path below dir_fd, without following a link at its end; "." reads dir_fd
 * itself from the beginning. 0 or a negative errno. */
int directory_open(int dir_fd, const char *path, DIR **ret) _must_check_;
/* Reads a directory that the caller has opened. A negative fd is an errno and is returned. *ret
 * owns fd; on failure it is closed. */
int directory_take(int fd, DIR **ret) _must_check_;

/* Finds the next entry other than "." and "..", which is valid until the next call. Returns 1, 0 at
 * the end, or a negative errno. */
int directory_next(DIR *dir, struct dirent **ret) _must_check_;

/* Lists the names that begin with prefix in a directory that is opened like this, sorted. The
 * caller owns *ret. 0 or a negative errno. */
int directory_list(int dir_fd, const char *path, const char *prefix, char ***ret) _must_check_;
