/* SPDX-License-Identifier: MIT */
/* Roots for the garbage collector of Nix: links that keep what the store remembers of software.
 *
 * They are /nix/var/nix/gcroots/systemd-migrate/NAME/HASH-NAME, each a link to the store path of
 * that name, so that one that is wanted twice is there once, and which of them are still wanted can
 * be told from what is kept alone. Where there are no such roots on a system nothing is done. */
#pragma once

#include "basic/util.h"

/* Appends the paths "/nix/store/HASH-NAME" that occur in text, each once. 0 or -ENOMEM. */
int gcroot_find(const char *text, char ***paths) _must_check_;

/* Makes roots for these paths, durably, beside those that are there. root: of the system, NULL for
 * "/". 0 or a negative errno. */
int gcroot_add(const char *root, const char *name, char *const *paths) _must_check_;

/* Removes all others. 0 or a negative errno. */
int gcroot_keep_only(const char *root, const char *name, char *const *paths) _must_check_;

/* Those of one service become those of another, beside its own; none is missing in between.
 * Repeatable. 0 or a negative errno. */
int gcroot_move(const char *root, const char *from, const char *to) _must_check_;
