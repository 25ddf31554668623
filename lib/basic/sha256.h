/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4). The project's own, since the generator, which links what reads
 * declarations, must need nothing but libc: it runs before anything else, in an initrd too. */
#pragma once

#include "basic/util.h"

#define SHA256_SIZE  32U
#define SHA256_BLOCK 64U

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t size; /* of all that was added, in bytes */
    unsigned char block[SHA256_BLOCK];
} Sha256;

void sha256_begin(Sha256 *sha);
void sha256_add(Sha256 *sha, const void *data, size_t size);
/* Afterwards sha is of no use until it is begun again. */
void sha256_end(Sha256 *sha, unsigned char ret[SHA256_SIZE]);
