/* SPDX-License-Identifier: MIT */
/* Takes over a state that has another name than declared, or is in another directory. */
#pragma once

#include "session/session.h"

/* Gives the state the declared name and directory, as lib/judge/former.c finds in the session's
 * facts, or continues a move that a crash has cut off. The caller reads the facts again afterwards.
 * Returns RESULT_DONE, or another Result, which was logged. */
int former_take_over(Session *session) _must_check_;
