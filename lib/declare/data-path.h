/* SPDX-License-Identifier: MIT */
/* Which paths in the words of a command are data, and no part of what was declared: what a
 * migration, or the service before it, may well write to. Data counts for no fingerprint, and is
 * neither kept for the way back nor ever replaced by something that was kept. */
#pragma once

#include "declare/declaration.h"

/* Does path lie in the state, or in what the declaration makes writable: Directory= (or where its
 * stamps are, also with Within=), FormerDirectory=, ReadWritePaths=? As it is spelt, and as what it
 * leads to now, as with /var/lib/private. */
bool path_is_state(const Declaration *declaration, const char *path);

/* Or where nothing lasts, such as /run and /tmp? */
bool path_is_data(const Declaration *declaration, const char *path);
