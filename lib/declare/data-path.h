/* SPDX-License-Identifier: MIT */
/* Paths in commands that are data and not part of the declaration, because a migration or the
 * service may write there. Data is not in a fingerprint, is not kept for the way back, and is never
 * replaced by a kept file. */
#pragma once

#include "declare/declaration.h"

/* Is path in the state, or in a place that the declaration makes writable: Directory= (or where its
 * stamps are, also with Within=), FormerDirectory=, ReadWritePaths=? Compares both the spelling and
 * the resolved path, because of links such as /var/lib/private. */
bool path_is_state(const Declaration *declaration, const char *path);

/* Is path data: in the state like this, or where nothing lasts, such as /run and /tmp? */
bool path_is_data(const Declaration *declaration, const char *path);
