/* SPDX-License-Identifier: MIT */
/* Checks whether a plan may be attempted: consent in the declaration, fingerprints of attempts, and
 * interruptions. */
#pragma once

#include "declare/plan.h"
#include "store/record.h"

/* Computes a fingerprint of the declaration's files, the plan, the files that its commands name
 * (programs and paths, but no data), the drop-ins of migrate@NAME.service, and the files of
 * EnvironmentFile=. A failed attempt is not
 * repeated with the same fingerprint. With another fingerprint, an approval is invalid, and a
 * running migration is not committed. */
Fingerprint attempt_fingerprint(const Declaration *declaration, const Plan *plan);
/* Return the path in a word of a command: the word, or the part after its "=". command_file()
 * returns NULL for data. Borrowed; NULL: there is no path. */
const char *command_path(const char *word);
const char *command_file(const Declaration *declaration, const char *word);
/* Reads the lines of the drop-ins of migrate@NAME.service, sorted. 0 or -ENOMEM. */
int attempt_drop_ins(const Declaration *declaration, char ***ret_lines) _must_check_;
/* Returns the next path in the value of ExecStartPre= and similar keys. *value moves on. NULL: at the
 * end. The caller owns the path. */
char *exec_next_path(const char **value) _must_check_;
/* Computes the fingerprint of one command, its files, and the files of EnvironmentFile=. */
Fingerprint command_fingerprint(const Declaration *declaration, char *const *argv);

/* Says whether Approved=FROM:TO allows this plan. */
bool attempt_is_approved(const Declaration *declaration, const Plan *plan);

/* Lists the reasons why the plan needs consent. *ret_reasons NULL: no consent is needed; else the
 * caller frees the list. 0 or -ENOMEM. */
int attempt_needs_approval(const Declaration *declaration, const Plan *plan,
                           char ***ret_reasons) _must_check_;

/* Describes a step for logs: "13 to 17, upgrade". The caller owns the text; NULL: out of memory. */
char *attempt_step_name(const Step *step) _must_check_;

/* The number of interruptions in a row after which no migration is tried automatically. */
#define INTERRUPTIONS_MAX 3

typedef struct InterruptionRecord {
    RecordRest *rest;
    char *fingerprint; /* fingerprint of the attempt */
    int64_t count;
} InterruptionRecord;

DECLARE_RECORD(InterruptionRecord, interruption_record);

/* Returns how often in a row this attempt was interrupted, at most INTERRUPTIONS_MAX. fingerprint:
 * attempt_fingerprint() as text, or NULL. */
int interruption_count(const Store *store, const char *fingerprint);
/* Adds one interruption. 0 or a negative errno. */
int interruption_add(const Store *store, const char *fingerprint) _must_check_;

typedef struct RequestRecord {
    RecordRest *rest;
    char *when;
} RequestRecord;

DECLARE_RECORD(RequestRecord, request_record);

/* Writes STORE/requested: the next run also migrates a state that the software accepts as it is. 0
 * or a negative errno. */
int request_write(const Store *store) _must_check_;
