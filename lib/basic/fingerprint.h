/* SPDX-License-Identifier: MIT */
/* Makes fingerprints, which prove that content is byte for byte the content that an operator
 * approved. Nobody can make other content with the same fingerprint. (Fingerprints of trees have 64
 * bits and detect accidents only.)
 *
 * Older releases wrote shorter fingerprints, which match nothing: a failed attempt is tried again,
 * and an approval has expired. */
#pragma once

#include "basic/sha256.h"

typedef struct Fingerprint {
    char hex[2 * SHA256_SIZE + 1]; /* hexadecimal digits; "" matches nothing */
} Fingerprint;

/* Make the fingerprint of a sequence of fields. Each field is hashed with its length, so two
 * different sequences have different fingerprints. */
void fingerprint_begin(Sha256 *sha);
void fingerprint_add(Sha256 *sha, const void *data, size_t size);
/* Adds a string. NULL differs from "". */
void fingerprint_add_string(Sha256 *sha, const char *s);
Fingerprint fingerprint_end(Sha256 *sha);

/* Is text, which a record contains, equal to this fingerprint? text may be NULL. */
bool fingerprint_is(const Fingerprint *fingerprint, const char *text);
