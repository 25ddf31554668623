/* SPDX-License-Identifier: MIT */
/* Logs that nothing was migrated, why, in which state the data is, and what to run next, with the
 * words of migratectl (lib/judge/words.h). */
#pragma once

#include "state/run.h"

/* Finds the words of a verdict on run->facts. Asks PID 1 about the units before, since commands
 * depend on them. The caller frees *ret. 0 or -ENOMEM. */
int run_find_words(Run *run, const Verdict *verdict, Words *ret) _must_check_;

/* Logs the refusal by a verdict. Returns the verdict's Result. */
Result run_refuse_verdict(Run *run, const Verdict *verdict);

/* Logs a refusal for a reason without a verdict. what: the reason, a sentence. Returns result. */
Result run_refuse(Run *run, Result result, const char *message_id, const char *what);
/* Logs a refusal with RESULT_FAILED. doing: what failed, as in "cannot look at /x"; this function
 * frees it. error: a negative errno. Returns RESULT_FAILED. */
Result run_refuse_errno(Run *run, char *doing, int error);

/* Removes STORE/refused, since the last refusal is not true any more. */
void run_forget_refusal(const Run *run);

/* Makes ". To go on, run: COMMAND", for a run that can be repeated as it was. The caller owns the
 * text; NULL: there is no command, or memory is short. */
char *run_describe_next(Run *run) _must_check_;

/* Refuses if a host has no version yet. Returns RESULT_DONE, or RESULT_REFUSED, which was
 * logged. */
Result refuse_unready(Run *run) _must_check_;
