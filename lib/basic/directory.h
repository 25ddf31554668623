/* SPDX-License-Identifier: MIT */
/* Reading directories. */
#pragma once

#include "basic/util.h"

/* Opens the directory at path below dir_fd, without following a link at its end; "." reads dir_fd
 * itself from the beginning. 0 or a negative errno. */
int directory_open(int dir_fd, const char *path, DIR **ret) _must_check_;
/* The same for a directory that was opened to be read, or a negative errno, which is returned. fd
 * belongs to *ret, or is closed on failure. */
int directory_take(int fd, DIR **ret) _must_check_;

/* The next entry but "." and "..", valid until the next call: 1; 0 at the end; a negative errno. */
int directory_next(DIR *dir, struct dirent **ret) _must_check_;

/* The names in such a directory that begin with prefix, sorted. 0 or a negative errno. The caller
 * owns *ret. */
int directory_list(int dir_fd, const char *path, const char *prefix, char ***ret) _must_check_;
