/* SPDX-License-Identifier: MIT */
/* The record of the last refused start, STORE/refused. It keeps the reasons that only the helper
 * can find (the state is in use, a check failed, no space). The next start, and each change of the
 * state, removes the record. */
#pragma once

#include "basic/result.h"
#include "store/record.h"

#define REPORT_FD 3 /* where "systemd-migrate check NAME report" writes a refusal */

typedef struct Refusal {
    RecordRest *rest;
    char *when; /* when the start was refused, time_format() */
    Result result;
    char *verdict;                   /* outcome_name(); NULL: no outcome */
    char *from, *to;                 /* from NULL: the state had no version */
    char *sentence, *command, *then; /* as in Words; sentence NULL: no refusal */
} Refusal;

DECLARE_RECORD(Refusal, refusal_record);

/* Reads the last refusal. 0, 1 if there is none or it cannot be read, or -ENOMEM. */
int refusal_read(const Store *store, Refusal *ret) _must_check_;
void refusal_free(Refusal *refusal);

/* Replaces the last refusal. refusal->when is set to the present time. 0 or a negative errno. */
int refusal_write(const Store *store, Refusal *refusal) _must_check_;
int refusal_remove(const Store *store) _must_check_;
