/* SPDX-License-Identifier: MIT */
/* A rehearsal of a run. */
#pragma once

#include "basic/util.h"

/* Tries what run would do on a clone of the state, which is thrown away, and changes nothing;
 * keep: the clone stays, to be looked at. */
int verb_rehearse(const char *name, bool keep) _must_check_;
