/* SPDX-License-Identifier: MIT */
/* A first start with Init=: what differs from a migration. */
#pragma once

#include "transaction/private.h"
#include "verbs.h"

/* Makes the directories that do not exist, empty, as the sandbox shows scripts their clones there,
 * and finds them again. Nothing else has happened by then, so a crash leaves an empty directory: as
 * fresh as none. RESULT_DONE, or another Result, which was logged. */
int init_make_directories(Session *session) _must_check_;
/* One of them, durably, in a parent that is root's alone: root's 0755, or its owner's 0700. 0 or a
 * negative errno. */
int init_make_directory(const Place *place, uid_t uid, gid_t gid) _must_check_;

/* The clones of empty directories become User='s and Group='s, where these are declared. 0, or a
 * Result with the reason in t->what. */
int init_own_clones(Transaction *t) _must_check_;

/* Init= has made something. The same. */
int init_verify(Transaction *t) _must_check_;
