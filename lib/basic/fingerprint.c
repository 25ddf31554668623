/* SPDX-License-Identifier: MIT */
/* Computes SHA-256 as in FIPS 180-4, section 6.2, and makes fingerprints of sequences of fields.
 * Uses no library, because the generator links this code and must need only libc. */
#include "basic/fingerprint.h"

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void schedule(const unsigned char *block, uint32_t w[64])
{
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (size_t t = 16; t < 64; t++) {
        uint32_t a = w[t - 15], b = w[t - 2];

        w[t] = w[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64], v[8];

    schedule(block, w);
    memcpy(v, state, sizeof(v));
    for (size_t t = 0; t < 64; t++) {
        uint32_t a = v[0], e = v[4];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + constants[t] + w[t];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

void fingerprint_begin(Sha256 *sha)
{
    *sha = (Sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                              0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(Sha256 *sha, const void *data, size_t size)
{
    const unsigned char *p = data;
    size_t filled = sha->size % SHA256_BLOCK;

    sha->size += size;
    if (filled > 0 && size > 0) {
        size_t n = MIN(size, SHA256_BLOCK - filled);

        memcpy(sha->block + filled, p, n);
        if (filled + n < SHA256_BLOCK)
            return;
        compress(sha->state, sha->block);
        p += n;
        size -= n;
    }
    for (; size >= SHA256_BLOCK; p += SHA256_BLOCK, size -= SHA256_BLOCK)
        compress(sha->state, p);
    if (size > 0)
        memcpy(sha->block, p, size);
}

static void sha256_end(Sha256 *sha, unsigned char ret[SHA256_SIZE])
{
    static const unsigned char padding[SHA256_BLOCK] = {0x80};
    uint64_t bits = sha->size * 8;
    size_t filled = sha->size % SHA256_BLOCK;
    unsigned char length[8];

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha256_add(sha, padding, (filled < 56 ? 56 : 56 + SHA256_BLOCK) - filled);
    sha256_add(sha, length, sizeof(length));
    for (size_t i = 0; i < SHA256_SIZE; i++)
        ret[i] = (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

static void add_length(Sha256 *sha, uint64_t length)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    sha256_add(sha, bytes, sizeof(bytes));
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
