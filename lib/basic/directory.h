/* SPDX-License-Identifier: MIT */
/* Opens and reads directories. */
#pragma once

#include "basic/util.h"

/* Opens the directory name in dir_fd. name must not be a symbolic link. Returns a descriptor or a
 * negative errno. */
int directory_fd(int dir_fd, const char *name) _must_check_;

/* Opens the directory at path below dir_fd, without following a link at the end of path. "." reads
 * dir_fd itself from the beginning. Returns 0 or a negative errno. */
int directory_open(int dir_fd, const char *path, DIR **ret) _must_check_;
/* Starts to read the directory fd. A negative fd is taken as an errno and returned. *ret owns fd;
 * on failure fd is closed. Returns 0 or a negative errno. */
int directory_take(int fd, DIR **ret) _must_check_;

/* Finds the next entry other than "." and ".."; *ret is valid until the next call. Returns 1, 0 at
 * the end, or a negative errno. */
int directory_next(DIR *dir, struct dirent **ret) _must_check_;

/* Lists the names that begin with prefix, sorted. Opens the directory like directory_open(). The
 * caller owns *ret. Returns 0 or a negative errno. */
int directory_list(int dir_fd, const char *path, const char *prefix, char ***ret) _must_check_;
