/* SPDX-License-Identifier: MIT */
/* STORE/software: the Software= of the state's version. Every manifest has it, too, so that a
 * migration can tell its scripts which software wrote their input. Paths in the Nix store get a
 * garbage collector root while a record names them. */
#pragma once

#include "store/record-transaction.h"

typedef struct SoftwareRecord {
    RecordRest *rest;
    char *version, *software;
} SoftwareRecord;

DECLARE_RECORD(SoftwareRecord, software_record);

/* The software of a state at that version; the caller owns it, NULL: not known. 0 or a negative
 * errno. */
int software_read(const Store *store, const char *version, char **ret) _must_check_;

/* Fills in software_from (for version from, NULL: none) and software_to (declared, NULL allowed) of
 * a transaction, and makes roots for them. 0 or a negative errno. */
int software_describe(const Store *store, TransactionRecord *record, const char *from,
                      const char *declared) _must_check_;

/* Records the software of a version; path NULL: not known. Repeatable. 0 or a negative errno. */
int software_remember(const Store *store, const char *version, const char *path) _must_check_;
