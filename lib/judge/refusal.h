/* SPDX-License-Identifier: MIT */
/* Why the last start was refused: STORE/refused. Most reasons anybody can find again by looking; of
 * those that only the helper finds (somebody uses the state, a check has failed, there is no room)
 * this is what is left. The next start, and everything else that changes a state, removes it. */
#pragma once

#include "basic/result.h"
#include "store/record.h"

#define REPORT_FD 3 /* where "systemd-migrate check NAME report" writes one */

typedef struct Refusal {
    RecordRest *rest;
    char *when; /* time_format() */
    Result result;
    char *verdict;                   /* outcome_name(); NULL: of none */
    char *from, *to;                 /* from NULL: there was no version */
    char *sentence, *command, *then; /* what was said; the last two NULL: nothing. sentence NULL:
                                        there was no refusal */
} Refusal;

DECLARE_RECORD(Refusal, refusal_record);

/* 0, 1 if there is none or it cannot be read, or -ENOMEM. */
int refusal_read(const Store *store, Refusal *ret) _must_check_;
void refusal_free(Refusal *refusal);

/* Writes it in place of any other; when is now, and replaced. 0 or a negative errno. */
int refusal_write(const Store *store, Refusal *refusal) _must_check_;
int refusal_remove(const Store *store) _must_check_;
