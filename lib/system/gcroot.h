/* SPDX-License-Identifier: MIT */
/* Makes garbage collector roots, so that Nix keeps the store paths that records name.
 *
 * A root of a service is the link /nix/var/nix/gcroots/systemd-migrate/SERVICE/HASH-NAME to the
 * store path /nix/store/HASH-NAME. Without Nix, the functions do nothing. */
#pragma once

#include "basic/util.h"

/* Appends each path "/nix/store/HASH-NAME" in text once. Returns 0 or -ENOMEM. */
int gcroot_find(const char *text, char ***paths) _must_check_;

/* Adds roots for these paths, durably. root is the root directory of the system; NULL: "/". Returns
 * 0 or a negative errno. */
int gcroot_add(const char *root, const char *name, char *const *paths) _must_check_;

/* Removes all roots of the service except the roots of paths. Returns 0 or a negative errno. */
int gcroot_keep_only(const char *root, const char *name, char *const *paths) _must_check_;

/* Moves the roots of a service (from) to another service (to). Can be repeated after a crash.
 * Returns 0 or a negative errno. */
int gcroot_move(const char *root, const char *from, const char *to) _must_check_;
