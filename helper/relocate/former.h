/* SPDX-License-Identifier: MIT */
/* A state that has another name, or is in another directory, than is declared. */
#pragma once

#include "session/session.h"

/* Gives it the declared ones, as lib/judge/former.c finds in the session's facts; or goes on with
 * what a crash has cut off. The facts are read anew after that. RESULT_DONE or why not, which was
 * logged. */
int former_take_over(Session *session) _must_check_;
