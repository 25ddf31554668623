/* SPDX-License-Identifier: MIT */
/* SHA-256 with the vectors of NIST, and fingerprints of sequences of fields. */
#include "basic/fingerprint.h"

#include "test.h"

static Fingerprint sha256_of(const char *text, size_t piece)
{
    Sha256 sha;
    size_t size = strlen(text);

    fingerprint_begin(&sha);
    for (size_t i = 0; i < size; i += piece)
        sha256_add(&sha, text + i, MIN(piece, size - i));
    return fingerprint_end(&sha);
}

/* FIPS 180-4's examples, and NIST's CAVP. */
static const struct {
    const char *text, *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static void test_vectors(void)
{
    for (size_t i = 0; i < ELEMENTSOF(vectors); i++) {
        bool same = true;

        for (size_t piece = 1; piece <= 130; piece++)
            same = same && streq(sha256_of(vectors[i].text, piece).hex, vectors[i].hex);
        OK(same, "the hash of '%.10s' (%zu bytes) does not depend on the size of the pieces",
           vectors[i].text, strlen(vectors[i].text));
    }
}

static void test_million(void)
{
    char thousand[1000];
    Sha256 sha;

    memset(thousand, 'a', sizeof(thousand));
    fingerprint_begin(&sha);
    for (size_t i = 0; i < 1000; i++)
        sha256_add(&sha, thousand, sizeof(thousand));
    OK(streq(fingerprint_end(&sha).hex,
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
       "the hash of a million letters 'a' is right");
}

/* Lengths around where the padding needs a block of its own, against sha256sum(1). */
static void test_padding(void)
{
    static const struct {
        size_t size;
        const char *hex;
    } ends[] = {
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
    };
    char text[66];

    for (size_t i = 0; i < ELEMENTSOF(ends); i++) {
        memset(text, 'a', sizeof(text));
        text[ends[i].size] = '\0';
        OK(streq(sha256_of(text, 17).hex, ends[i].hex), "the hash of %zu bytes is right",
           ends[i].size);
    }
}

static Fingerprint pair(const char *a, const char *b)
{
    Sha256 sha;

    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, a);
    fingerprint_add_string(&sha, b);
    return fingerprint_end(&sha);
}

static bool differ(Fingerprint a, Fingerprint b)
{
    return !streq(a.hex, b.hex);
}

static void test_fields(void)
{
    Fingerprint one = pair("a", "bc");

    OK(!differ(one, pair("a", "bc")), "the same fields have the same fingerprint");
    OK(differ(one, pair("ab", "c")), "another boundary between fields makes another fingerprint");
    OK(differ(one, pair("bc", "a")), "another order of fields makes another fingerprint");
    OK(differ(pair("", "a"), pair("a", "")),
       "another position of an empty field makes another fingerprint");
    OK(differ(pair(NULL, "a"), pair("", "a")), "a missing field differs from an empty field");
    OK(fingerprint_is(&one, one.hex), "a fingerprint is recognised in a record");
    OK(!fingerprint_is(&one, NULL), "a record without a fingerprint does not match");
    OK(!fingerprint_is(&one, "cbf29ce484222325"),
       "the short fingerprint of an earlier release does not match");
    OK(!fingerprint_is(&(Fingerprint){}, ""),
       "an empty fingerprint does not even match an empty string");
}

int main(void)
{
    test_vectors();
    test_million();
    test_padding();
    test_fields();
    return tests_done();
}
