/* SPDX-License-Identifier: MIT */
/* A first start with Init=: what differs from a migration. */
#pragma once

#include "transaction/private.h"

/* Makes the directories that do not exist, empty, as the sandbox shows scripts their clones there,
 * and finds them again. Nothing else has happened by then, so a crash leaves an empty directory: as
 * fresh as none. RESULT_DONE, or another Result, which was logged. */
Result init_make_directories(Run *run) _must_check_;

/* The clones of empty directories become User='s and Group='s, where these are declared. 0, or a
 * Result with the reason in t->what. */
Result init_own_clones(Transaction *t) _must_check_;

/* Init= has made something. The same. */
Result init_verify(Transaction *t) _must_check_;
