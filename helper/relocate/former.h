/* SPDX-License-Identifier: MIT */
/* FormerName= and FormerDirectory=: the earlier name and directory of a state. */
#pragma once

#include "session/session.h"

/* Takes over the records and the directory of an earlier name; or, on an older system, of the newer
 * name. RESULT_DONE, also if there is nothing to take over, or another Result, which was logged. */
int former_take_over(Session *session) _must_check_;

/* Would that take anything over? Changes nothing. With run.check_only. RESULT_DONE, or the Result
 * of the refusal, which was logged. */
int former_check(Session *session, bool *ret_pending) _must_check_;
