/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4). The generator links this code and may need nothing but libc, so no library
 * is used. */
#pragma once

#include "basic/util.h"

#define SHA256_SIZE  32U
#define SHA256_BLOCK 64U

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t size; /* size of all input in bytes */
    unsigned char block[SHA256_BLOCK];
} Sha256;

void sha256_begin(Sha256 *sha);
void sha256_add(Sha256 *sha, const void *data, size_t size);
/* Writes the hash to ret. Call sha256_begin() before the next use of sha. */
void sha256_end(Sha256 *sha, unsigned char ret[SHA256_SIZE]);
