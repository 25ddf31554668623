/* SPDX-License-Identifier: MIT */
/* May a plan be attempted? Consent in the declaration, the fingerprint of an attempt,
 * interruptions. */
#pragma once

#include "declare/plan.h"
#include "store/record.h"

/* A fingerprint of the declaration's files, the plan, the files that its commands name (programs
 * and paths, but no data), and those of EnvironmentFile=. While it is the same, a failed attempt is not repeated; once
 * it has changed, an approval does not hold, and a running migration is not committed.
 * attempt-fingerprint.c. */
Fingerprint attempt_fingerprint(const Declaration *declaration, const Plan *plan);
/* The path in a word of a command: the word, or what follows its "="; the second not if it is data.
 * Borrowed, or NULL. */
const char *command_path(const char *word);
const char *command_file(const Declaration *declaration, const char *word);
/* The same for one command and the files that it names. */
Fingerprint command_fingerprint(const Declaration *declaration, char *const *argv);

/* Does Approved=FROM:TO allow this plan? */
bool attempt_is_approved(const Declaration *declaration, const Plan *plan);

/* Why the plan needs consent; the caller frees the list. NULL: it needs none. 0 or -ENOMEM. */
int attempt_needs_approval(const Declaration *declaration, const Plan *plan,
                           char ***ret_reasons) _must_check_;

/* "upgrade (13 to 17)", for logs; the caller owns it. */
char *attempt_step_name(const Step *step) _must_check_;

/* After so many interruptions in a row a migration is not tried again by itself. */
#define INTERRUPTIONS_MAX 3

typedef struct InterruptionRecord {
    RecordRest *rest;
    char *fingerprint; /* of the attempt */
    int64_t count;
} InterruptionRecord;

DECLARE_RECORD(InterruptionRecord, interruption_record);

/* The interruptions of this attempt in a row, at most INTERRUPTIONS_MAX. fingerprint is text; NULL
 * is one, too. */
int interruption_count(const Store *store, const char *fingerprint);
/* Counts one more. 0 or a negative errno. */
int interruption_add(const Store *store, const char *fingerprint) _must_check_;

typedef struct RequestRecord {
    RecordRest *rest;
    char *when;
} RequestRecord;

DECLARE_RECORD(RequestRecord, request_record);

/* Writes STORE/requested: the operator asks for a migration that the software does not need. 0 or a
 * negative errno. */
int request_write(const Store *store) _must_check_;
