/* SPDX-License-Identifier: MIT */
/* Giving a transaction up. */
#pragma once

#include "transaction/private.h"

/* Ends a transaction that failed with result, why being in t->what. Returns result. With
 * RESULT_ATTENTION (stopped between exchanges) everything stays as it is, for recovery. */
Result abandon(Transaction *t, Result result) _must_check_;

/* Says that it is committed, but that it could not be concluded. */
void abandon_log_unconcluded(const Transaction *t, int error);

/* Says that a script's effects outside the state stay, and what to do about that. */
void abandon_log_lasting(const LogContext *log, const char *unit, const char *from, const char *to);
