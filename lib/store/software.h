/* SPDX-License-Identifier: MIT */
/* The record STORE/software: Software= of the state's version. A migration tells its scripts which
 * software wrote their input. A path in the Nix store has a garbage collector root. */
#pragma once

#include "store/record-transaction.h"

typedef struct SoftwareRecord {
    RecordRest *rest;
    char *version, *software;
} SoftwareRecord;

DECLARE_RECORD(SoftwareRecord, software_record);

/* Reads the software of a state at that version. *ret NULL: unknown; else the caller owns the
 * string. 0 or a negative errno. */
int software_read(const Store *store, const char *version, char **ret) _must_check_;

/* Fills in software_from (the software of the version from; NULL: none) and software_to (declared,
 * may be NULL) of a transaction, and makes garbage collector roots for them. 0 or a negative
 * errno. */
int software_describe(const Store *store, TransactionRecord *record, const char *from,
                      const char *declared) _must_check_;

/* Records the software of a version. path NULL: removes the record. 0 or a negative errno. */
int software_remember(const Store *store, const char *version, const char *path) _must_check_;
