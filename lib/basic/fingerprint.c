/* SPDX-License-Identifier: MIT */
/* Makes fingerprints of sequences of fields. */
#include "basic/fingerprint.h"

static void add_length(Sha256 *sha, uint64_t length)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    sha256_add(sha, bytes, sizeof(bytes));
}

void fingerprint_begin(Sha256 *sha)
{
    sha256_begin(sha);
}

void fingerprint_add(Sha256 *sha, const void *data, size_t size)
{
    add_length(sha, size);
    sha256_add(sha, data, size);
}

void fingerprint_add_string(Sha256 *sha, const char *s)
{
    if (s)
        fingerprint_add(sha, s, strlen(s));
    else
        add_length(sha, UINT64_MAX); /* no field has this length */
}

Fingerprint fingerprint_end(Sha256 *sha)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SHA256_SIZE];
    Fingerprint fingerprint = {};

    sha256_end(sha, bytes);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        fingerprint.hex[2 * i] = digits[bytes[i] >> 4];
        fingerprint.hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    return fingerprint;
}

bool fingerprint_is(const Fingerprint *fingerprint, const char *text)
{
    return text && *fingerprint->hex && streq(fingerprint->hex, text);
}
