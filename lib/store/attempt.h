/* SPDX-License-Identifier: MIT */
/* Whether a plan may be attempted: approvals, earlier failures, interruptions. */
#pragma once

#include "declare/plan.h"
#include "store/record.h"

/* Of the declaration's files, the plan and the files that its commands name (programs, and
 * arguments that are paths, but not what is data), byte by byte, as they are now: an attempt that
 * failed is not repeated while this is the same, an approval does not hold and a migration that is
 * running is not committed when it is another. attempt-fingerprint.c. */
Fingerprint attempt_fingerprint(const Declaration *declaration, const Plan *plan);
/* Which file a word of a command names: it, or what is behind its "="; the second only what is no
 * data, so a part of what was declared. Borrowed, or NULL. */
const char *command_path(const char *word);
const char *command_file(const Declaration *declaration, const char *word);
/* In the same way of one command, and the files that it names. */
Fingerprint command_fingerprint(const Declaration *declaration, char *const *argv);

/* Approved=FROM:TO for exactly this plan? */
bool attempt_is_approved(const Declaration *declaration, const Plan *plan);

/* Does the plan need approval? The reasons, to be freed; NULL if it needs none. 0 or -ENOMEM. */
int attempt_needs_approval(const Declaration *declaration, const Plan *plan,
                           char ***ret_reasons) _must_check_;

/* "upgrade (13 to 17)", for logs; the caller owns it. */
char *attempt_step_name(const Step *step) _must_check_;

/* How often in a row a migration may be cut off before it is not tried again by itself. */
#define INTERRUPTIONS_MAX 3

typedef struct InterruptionRecord {
    RecordRest *rest;
    char *fingerprint; /* of the attempt */
    int64_t count;
} InterruptionRecord;

DECLARE_RECORD(InterruptionRecord, interruption_record);

/* How often in a row this attempt was cut off, INTERRUPTIONS_MAX at most. fingerprint is its text,
 * as records have it; NULL is one of its own. */
int interruption_count(const Store *store, const char *fingerprint);
/* Counts one more. 0 or a negative errno. */
int interruption_add(const Store *store, const char *fingerprint) _must_check_;

typedef struct RequestRecord {
    RecordRest *rest;
    char *when;
} RequestRecord;

DECLARE_RECORD(RequestRecord, request_record);

/* Writes STORE/requested: somebody asks for a migration that the software does not need. 0 or a
 * negative errno. */
int request_write(const Store *store) _must_check_;
