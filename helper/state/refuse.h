/* SPDX-License-Identifier: MIT */
/* Saying that nothing was migrated, why, in which state the data is, and what to do next. */
#pragma once

#include "state/run.h"

/* next: a sentence without its full stop, or "". Returns result. */
int run_refuse(const Run *run, Result result, const char *message_id, const char *what,
               const char *next);
/* What could not be done, without its reason, which r is: a negative errno. Takes the text over. */
int run_refuse_errno(const Run *run, char *doing, int r);
/* The second half of that, where what happened was said. */
void run_say_untouched(const Run *run, Result result, const char *next);

/* What migrates, once nothing is in the way any more, and starts the service where it is down; the
 * caller's, or NULL: out of memory. */
char *run_start_command(const Run *run);

/* There is data, so every directory of the state must be there: RESULT_DONE, or RESULT_REFUSED. */
int refuse_missing(const Run *run) _must_check_;

/* The hosts in which a part of the state lives say which version their state has: RESULT_DONE, or
 * RESULT_REFUSED, which was logged. */
int refuse_unready(const Run *run) _must_check_;
