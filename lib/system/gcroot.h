/* SPDX-License-Identifier: MIT */
/* Roots for the garbage collector of Nix: links that keep the store paths that records name.
 *
 * A root is /nix/var/nix/gcroots/systemd-migrate/NAME/HASH-NAME, a link to the store path of that
 * name, so that no path has two roots. On a system without Nix, nothing is done. */
#pragma once

#include "basic/util.h"

/* Appends the paths "/nix/store/HASH-NAME" that occur in text, each once. 0 or -ENOMEM. */
int gcroot_find(const char *text, char ***paths) _must_check_;

/* Adds roots for these paths, durably. root: the root directory of the system; NULL: "/". 0 or a
 * negative errno. */
int gcroot_add(const char *root, const char *name, char *const *paths) _must_check_;

/* Removes the other roots of the service. 0 or a negative errno. */
int gcroot_keep_only(const char *root, const char *name, char *const *paths) _must_check_;

/* Adds the roots of one service to those of another, then removes them from the first. Can be
 * repeated. 0 or a negative errno. */
int gcroot_move(const char *root, const char *from, const char *to) _must_check_;
