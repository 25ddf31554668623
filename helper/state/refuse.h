/* SPDX-License-Identifier: MIT */
/* Logs that nothing was migrated, why, in which state the data is, and what to run next: as
 * migratectl says it (lib/judge/words.h). */
#pragma once

#include "state/run.h"

/* The words of a verdict on run->facts. Asks PID 1 about the units first, since commands depend on
 * them. 0 or -ENOMEM. */
int run_find_words(Run *run, const Verdict *verdict, Words *ret) _must_check_;

/* Logs the verdict. Returns its Result. */
Result run_refuse_verdict(Run *run, const Verdict *verdict);

/* The same where something went wrong of which there is no verdict. Returns result. */
Result run_refuse(Run *run, Result result, const char *message_id, const char *what);
/* The same for RESULT_FAILED: what could not be done; the reason is error, a negative errno. Takes
 * the text over. */
Result run_refuse_errno(Run *run, char *doing, int error);

/* The last refusal is no longer so: removes STORE/refused. */
void run_forget_refusal(const Run *run);

/* ". To go on, run: COMMAND", for what is tried again in the same way; the caller owns it. NULL:
 * there is nothing to run, or out of memory. */
char *run_describe_next(Run *run) _must_check_;

/* The hosts in which a part of the state lives say which version their state has: RESULT_DONE, or
 * RESULT_REFUSED, which was logged. */
Result refuse_unready(Run *run) _must_check_;
