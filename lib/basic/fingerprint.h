/* SPDX-License-Identifier: MIT */
/* Makes fingerprints (SHA-256), which prove that content is byte for byte the content that an
 * operator approved. (Fingerprints of trees have 64 bits and only detect accidental changes.) */
#pragma once

#include "basic/util.h"

#define SHA256_SIZE  32U
#define SHA256_BLOCK 64U

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t size; /* size of all input in bytes */
    unsigned char block[SHA256_BLOCK];
} Sha256;

typedef struct Fingerprint {
    char hex[2 * SHA256_SIZE + 1]; /* hexadecimal digits; "" matches nothing */
} Fingerprint;

/* Make the fingerprint of a sequence of fields. Each field is hashed with its length, so two
 * different sequences have different fingerprints. A NULL string differs from "". */
void fingerprint_begin(Sha256 *sha);
void fingerprint_add(Sha256 *sha, const void *data, size_t size);
void fingerprint_add_string(Sha256 *sha, const char *s);
/* Adds bytes without their length, for one field that comes in parts. */
void sha256_add(Sha256 *sha, const void *data, size_t size);
Fingerprint fingerprint_end(Sha256 *sha);

/* Is text from a record, which may be NULL, equal to this fingerprint? */
bool fingerprint_is(const Fingerprint *fingerprint, const char *text);
