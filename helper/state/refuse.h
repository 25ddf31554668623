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

/* Logs a refusal without a verdict; what is a sentence with the reason. Returns result. The first
 * form takes over what; NULL: out of memory. */
Result run_refuse_take(Run *run, Result result, char *what);
#define run_refuse(run, result, ...) run_refuse_take(run, result, strprintf(__VA_ARGS__))
/* Returns the MESSAGE_… of such a refusal. */
const char *refusal_message(Result result);

/* Removes STORE/refused, since the last refusal is not true any more. */
void run_forget_refusal(const Run *run);

/* Makes ". To go on, run: COMMAND", for a run that only has to be repeated. The caller owns the
 * text; NULL: there is no command, or memory is short. */
char *run_describe_next(Run *run) _must_check_;
