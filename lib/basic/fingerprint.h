/* SPDX-License-Identifier: MIT */
/* Fingerprints tell whether something is byte by byte what somebody agreed to; nobody can make
 * another thing with the same fingerprint. (The fingerprints of trees are 64 bits and only detect
 * accidents.)
 *
 * Older releases wrote shorter fingerprints, which match nothing: a failed attempt is tried again,
 * an approval has expired. */
#pragma once

#include "basic/sha256.h"

typedef struct Fingerprint {
    char hex[2 * SHA256_SIZE + 1]; /* "" matches nothing */
} Fingerprint;

/* Takes the fingerprint of a sequence of fields. Each field is hashed with its length, so two
 * different sequences differ. */
void fingerprint_begin(Sha256 *sha);
void fingerprint_add(Sha256 *sha, const void *data, size_t size);
/* NULL differs from "". */
void fingerprint_add_string(Sha256 *sha, const char *s);
Fingerprint fingerprint_end(Sha256 *sha);

/* Does text, from a record, name this fingerprint? text may be NULL. */
bool fingerprint_is(const Fingerprint *fingerprint, const char *text);
