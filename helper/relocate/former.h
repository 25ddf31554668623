/* SPDX-License-Identifier: MIT */
/* What a state was called before, and where it was: FormerName= and FormerDirectory=. */
#pragma once

#include "session/session.h"

/* Takes over, before the state is looked at, what another name or directory has of it: in the
 * direction that the declaration says, or back, where a newer system has done that and was left
 * again. RESULT_DONE, also where there is nothing to take over, or why not, which was logged. */
int former_take_over(Session *session) _must_check_;

/* Would that take anything over? Changes nothing, and says what. With run.check_only. RESULT_DONE,
 * or why it would refuse to, which was logged. */
int former_check(Session *session, bool *ret_pending) _must_check_;
