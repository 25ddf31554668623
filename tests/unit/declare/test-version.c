/* SPDX-License-Identifier: MIT */
/* Versions: what one looks like, how two are ordered, what a comparison means.
 *
 * With "--compare" it reads pairs from standard input and prints how they are ordered, for a
 * comparison with systemd's own idea in version-oracle. */
#include "declare/version.h"

#include "test.h"

/* Ascending; the examples of the UAPI version format specification, and what else was written
 * wrongly somewhere. */
static const char *const ascending[][12] = {
    {"122.1", "123~rc1-1", "123", "123-a", "123-a.1", "123-1", "123-1.1", "123^post1", "123.a-1",
     "123.1-1", "123a-1", "124-1"},
    {"1.0~rc1", "1.0~rc2", "1.0", "1.0-1", "1.0^git", "1.0.0", "1.0.1", "1.1"},
    {"9", "10", "11"},
    {"9.6", "10.0", "10.1"},
    {"2023-12-31", "2024-01-01", "2024-01-02", "2024-10-01"},
    {"1~", "1", "1-", "1^", "1."},
    {"A", "B", "a", "ab", "abc", "b"},
    {"1.1", "1a", "1b"},
    {"a", "1"},
    {"18446744073709551615", "18446744073709551616", "99999999999999999999999999"},
    {"25.05", "25.11", "26.05"},
    {"1.0.1", "1.0.1a", "1.0.2"},
};

static const char *const equal[][2] = {
    {"1", "1"},      {"1.0", "1.00"}, {"01", "1"}, {"1+2", "1_2"},    {"1_2", "1+2"}, {"007", "7"},
    {"1.02", "1.2"}, {"a+", "a"},     {"0", "00"}, {"1~~1", "1~~01"}, {"+1", "1"},
};

static const char *const different[][2] = {
    {"1", "1.0"}, {"17", "17.0"}, {"1a1", "1a.1"}, {"a", "A"}, {"1", "1~"}, {"12", "1.2"},
};

static const struct {
    const char *text;
    bool valid;
} spellings[] = {
    {"1", true},
    {"a", true},
    {"17.2", true},
    {"2024-01-02", true},
    {"1.0~rc1+dfsg^post-1_x", true},
    {"1234567890123456789012345678901234567890123456789012345678901234", true},
    {"12345678901234567890123456789012345678901234567890123456789012345", false},
    {"", false},
    {".", false},
    {"-", false},
    {"~^", false},
    {" 1", false},
    {"1 ", false},
    {"1/2", false},
    {"1:2", false},
    {"1,2", false},
    {"{1}", false},
    {"1*", false},
    {"1%n", false},
    {"1\n", false},
    {"\xc3\xa9", false},
    {">1", false},
    {"=1", false},
};

/* What a range means, tried on one version that it holds and one that it does not. */
static const struct {
    const char *range, *holds, *does_not, *exact;
} ranges[] = {
    {"17", "17", "17.0", "17"},           {"=17", "17", "18", "17"},
    {"1.0", "1.00", "1", "1.0"},          {">=9.2", "9.2", "9.1", NULL},
    {">9.2", "9.3", "9.2", NULL},         {"<18", "17", "18", NULL},
    {"<=18", "18", "18.0", NULL},         {"!=17", "16", "17", NULL},
    {">=17.11 <18", "17.12", "18", NULL}, {">=17.11 <18", "17.11", "17.10", NULL},
    {" \t >=1\t<2 ", "1.5", "2", NULL},   {">=1 !=1.5 <2", "1.6", "1.5", NULL},
    {"<18", "18~rc1", "18", NULL},
};

static const struct {
    const char *range, *word;
} bad_ranges[] = {
    {"", ""},       {" ", ""},      {"1 2", "2"},     {"1 <2", "<2"},
    {">=1 2", "2"}, {">=", ">="},   {"> 1", ">"},     {"=>1", "=>1"},
    {"~>1", "~>1"}, {"==1", "==1"}, {"1||2", "1||2"}, {">=1,<2", ">=1,<2"},
    {"^", "^"},     {"!1", "!1"},   {"<>1", "<>1"},
};

static void test_order(void)
{
    for (size_t i = 0; i < ELEMENTSOF(ascending); i++)
        for (size_t j = 0; j < ELEMENTSOF(ascending[i]) && ascending[i][j]; j++)
            for (size_t k = 0; k < ELEMENTSOF(ascending[i]) && ascending[i][k]; k++) {
                int order = version_compare(ascending[i][j], ascending[i][k]);

                if (j == k ? order != 0 : (j < k) != (order < 0) || order == 0)
                    OK(false, "%s and %s: %d", ascending[i][j], ascending[i][k], order);
                else if (k == j + 1)
                    OK(true, "%s is lower than %s", ascending[i][j], ascending[i][k]);
            }
    for (size_t i = 0; i < ELEMENTSOF(equal); i++)
        OK(version_compare(equal[i][0], equal[i][1]) == 0 &&
               version_compare(equal[i][1], equal[i][0]) == 0,
           "%s equals %s", equal[i][0], equal[i][1]);
    for (size_t i = 0; i < ELEMENTSOF(different); i++)
        OK(version_compare(different[i][0], different[i][1]) != 0, "%s does not equal %s",
           different[i][0], different[i][1]);
}

static void test_ranges(void)
{
    for (size_t i = 0; i < ELEMENTSOF(ranges); i++) {
        _cleanup_(version_range_free) VersionRange range = {};
        _cleanup_free_ char *word = NULL;
        int r = version_range_parse(ranges[i].range, &range, &word);

        OK(r == 0 && version_range_holds(&range, ranges[i].holds) &&
               !version_range_holds(&range, ranges[i].does_not) &&
               streq_null(version_range_exact(&range), ranges[i].exact),
           "the range '%s' holds for %s, not for %s, and is %s", ranges[i].range, ranges[i].holds,
           ranges[i].does_not, ranges[i].exact ? "a single version" : "a comparison");
    }
    for (size_t i = 0; i < ELEMENTSOF(bad_ranges); i++) {
        VersionRange range = {};
        _cleanup_free_ char *word = NULL;
        int r = version_range_parse(bad_ranges[i].range, &range, &word);

        OK(r == -EINVAL && streq_null(word, bad_ranges[i].word) && !range.tests,
           "the range '%s' is refused at '%s'", bad_ranges[i].range, bad_ranges[i].word);
    }
    OK(version_range_holds(&(VersionRange){}, "1"), "an empty range holds for every version");
}

static int compare_pairs(void)
{
    char a[VERSION_LENGTH_MAX + 1], b[VERSION_LENGTH_MAX + 1];

    while (scanf("%64s %64s", a, b) == 2) {
        int r = version_compare(a, b);

        puts(r < 0 ? "<" : r > 0 ? ">" : "==");
    }
    return EXIT_SUCCESS;
}

static void test_self(void)
{
    static const struct {
        const char *stamp, *target;
    } stamps[] = {
        {"1::2", "2"},
        {"1.0~rc1::17", "17"},
        {"1:2", NULL},
        {"1", NULL},
        {"::2", NULL},
        {"1::", NULL},
        {"1::2::3", NULL},
        {"1:::2", NULL},
        {"1::*", NULL},
        {"", NULL},
        {NULL, NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa::2", NULL},
    };

    for (size_t i = 0; i < ELEMENTSOF(stamps); i++)
        OK(streq_null(version_self_target(stamps[i].stamp), stamps[i].target),
           "the stamp '%s' is migrated by the software of version %s",
           stamps[i].stamp ? stamps[i].stamp : "", stamps[i].target ? stamps[i].target : "none");
}

int main(int argc, char **argv)
{
    if (argc > 1 && streq(argv[1], "--compare"))
        return compare_pairs();
    test_order();
    for (size_t i = 0; i < ELEMENTSOF(spellings); i++)
        OK(version_is_valid(spellings[i].text) == spellings[i].valid, "'%s' is %s",
           spellings[i].text[0] == '1' && strchr(spellings[i].text, '\n') ? "1\\n"
                                                                          : spellings[i].text,
           spellings[i].valid ? "a valid version" : "not a valid version");
    test_ranges();
    test_self();
    return tests_done();
}
