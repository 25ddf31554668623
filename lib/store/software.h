/* SPDX-License-Identifier: MIT */
/* Software=: which software a version belongs to. It is recorded with the state as STORE/software
 * and with every backup, in the manifest, so that the next migration can tell its scripts where the
 * software is that wrote their input. What lies in the Nix store has a root for the garbage
 * collector as long as a record names it. */
#pragma once

#include "store/record-transaction.h"

typedef struct SoftwareRecord {
    RecordRest *rest;
    char *version, *software;
} SoftwareRecord;

DECLARE_RECORD(SoftwareRecord, software_record);

/* The software that is recorded for a state of that version, or NULL; the caller owns it. A record
 * of another version, or a damaged one, says nothing. 0 or a negative errno. */
int software_read(const Store *store, const char *version, char **ret) _must_check_;

/* Fills in software_from and software_to of a transaction from one version (NULL: none) to what
 * declared (may be NULL) belongs to, and makes the garbage collector leave that alone. 0 or a
 * negative errno. */
int software_describe(const Store *store, TransactionRecord *record, const char *from,
                      const char *declared) _must_check_;

/* Records that a state of that version belongs to the software at path (NULL: not known);
 * repeatable. 0 or a negative errno. */
int software_remember(const Store *store, const char *version, const char *path) _must_check_;
