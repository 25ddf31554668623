/* SPDX-License-Identifier: MIT */
/* Tells data from other files among the paths in commands: data is what a migration or the service
 * may write to. Data is not part of a fingerprint, is not kept for the wayback, and is never
 * replaced by a kept file. */
#pragma once

#include "declare/declaration.h"

/* Is path in the state, or in another directory that the declaration makes writable: Directory= (or
 * the directory of its stamps, also with Within=), FormerDirectory=, ReadWritePaths=? Compares the
 * spelling and the resolved path, because of links such as /var/lib/private. */
bool path_is_state(const Declaration *declaration, const char *path);

/* Is path in the state, or in a directory whose content is temporary, such as /run and /tmp? */
bool path_is_data(const Declaration *declaration, const char *path);
