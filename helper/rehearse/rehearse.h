/* SPDX-License-Identifier: MIT */
/* A rehearsal of a run. */
#pragma once

#include "basic/util.h"

/* Tries what run would do on a clone of the state, which is thrown away, and changes nothing: NAME
 * [keep]. keep: the clone stays, so that somebody can look at it. See verbs.h. */
int verb_rehearse(char **arguments) _must_check_;
