/* SPDX-License-Identifier: MIT */
/* By what it is told whether something is what somebody agreed to, byte by byte: nobody can make
 * another thing with the same fingerprint. (Whether a tree has changed is told by stage.h's, which
 * are quick and 64 bits, and against accidents alone.)
 *
 * Records that earlier versions wrote have shorter ones, which match nothing: an attempt that had
 * failed is tried once more, an approval has expired. */
#pragma once

#include "basic/sha256.h"

typedef struct Fingerprint {
    char hex[2 * SHA256_SIZE + 1]; /* "": of nothing, which matches nothing */
} Fingerprint;

/* Takes one of a sequence of fields. Each is taken with its length, so no two different sequences
 * are the same to it. */
void fingerprint_begin(Sha256 *sha);
void fingerprint_add(Sha256 *sha, const void *data, size_t size);
/* NULL is a field of its own, and not "". */
void fingerprint_add_string(Sha256 *sha, const char *s);
Fingerprint fingerprint_end(Sha256 *sha);

/* Is it the one that a record speaks of? text may be NULL. */
bool fingerprint_is(const Fingerprint *fingerprint, const char *text);
