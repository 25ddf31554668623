/* SPDX-License-Identifier: MIT */
/* Checks, orders and compares state versions. */
#include "declare/version.h"

/* isalpha() is not used, because it depends on the locale. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool version_is_valid(const char *s)
{
    size_t length = strlen(s);
    bool word = false;

    if (length < 1 || length > VERSION_LENGTH_MAX)
        return false;
    for (; *s; s++)
        if (is_letter(*s) || is_digit(*s))
            word = true;
        else if (!strchr("._+-~^", *s))
            return false;
    return word;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Compares by a separator: the string that begins with the separator is lower. Skips the separator
 * if both strings begin with it. */
static int compare_separator(char separator, const char **a, const char **b)
{
    if (**a != separator && **b != separator)
        return 0;
    if (**a != separator || **b != separator)
        return **a == separator ? -1 : 1;
    (*a)++;
    (*b)++;
    return 0;
}

static const char *skip_while(const char *s, bool (*in_class)(char c))
{
    while (in_class(*s))
        s++;
    return s;
}

/* Compares the runs of digits, or of letters, at the beginning of both strings, and skips them. */
static int compare_runs(const char **a, const char **b, bool (*in_class)(char c))
{
    const char *a_end = skip_while(*a, in_class), *b_end = skip_while(*b, in_class);
    int by_length, by_text;

    if ((a_end == *a) != (b_end == *b))
        return a_end == *a ? -1 : 1; /* a number is greater than letters */
    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    by_length = compare_sizes((size_t)(a_end - *a), (size_t)(b_end - *b));
    by_text = memcmp(*a, *b, (size_t)MIN(a_end - *a, b_end - *b));
    *a = a_end;
    *b = b_end;
    if (in_class == is_digit)
        return by_length ? by_length : by_text;
    return by_text ? by_text : by_length;
}

const char *version_self_target(const char *stamp)
{
    const char *separator = stamp ? strstr(stamp, VERSION_SELF) : NULL;
    char from[VERSION_LENGTH_MAX + 1];

    if (!separator || separator - stamp > VERSION_LENGTH_MAX)
        return NULL;
    snprintf(from, sizeof(from), "%.*s", (int)(separator - stamp), stamp);
    separator += strlen(VERSION_SELF);
    return version_is_valid(from) && version_is_valid(separator) ? separator : NULL;
}

int version_compare(const char *a, const char *b)
{
    for (;;) {
        int r;

        while (*a && !is_letter(*a) && !is_digit(*a) && !strchr("~-^.", *a))
            a++;
        while (*b && !is_letter(*b) && !is_digit(*b) && !strchr("~-^.", *b))
            b++;
        r = compare_separator('~', &a, &b);
        if (r)
            return r;
        if (!*a || !*b)
            return !!*a - !!*b;
        for (const char *separator = "-^."; *separator; separator++) {
            r = compare_separator(*separator, &a, &b);
            if (r)
                return r;
        }
        r = compare_runs(&a, &b, is_digit(*a) || is_digit(*b) ? is_digit : is_letter);
        if (r)
            return r < 0 ? -1 : 1;
    }
}

int version_range_add(VersionRange *range, VersionOperator op, const char *version)
{
    char *copy = strdup(version);
    VersionTest *test = copy ? ARRAY_GROW(range->tests, range->n_tests) : NULL;

    if (!test) {
        free(copy);
        return -ENOMEM;
    }
    *test = (VersionTest){.op = op, .version = copy};
    return 0;
}

void version_range_free(VersionRange *range)
{
    for (size_t i = 0; i < range->n_tests; i++)
        free(range->tests[i].version);
    free(range->tests);
    *range = (VersionRange){};
}

int version_range_parse(const char *s, VersionRange *ret, char **reterr_word)
{
    /* The longer operators come first, because "<" is the beginning of "<=". */
    static const struct {
        const char *spelling;
        VersionOperator op;
    } operators[] = {{">=", VERSION_GREATER_EQUAL}, {"<=", VERSION_LESS_EQUAL},
                     {"!=", VERSION_UNEQUAL},       {">", VERSION_GREATER},
                     {"<", VERSION_LESS},           {"=", VERSION_EQUAL}};
    _cleanup_(version_range_free) VersionRange range = {};
    _cleanup_free_ char *copy = strdup(s);
    char *state = NULL;
    bool alone = false;

    if (!copy)
        return -ENOMEM;
    for (char *word = strtok_r(copy, " \t", &state); word; word = strtok_r(NULL, " \t", &state)) {
        VersionOperator op = VERSION_EQUAL;
        char *version = word;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(operators); i++)
            if (startswith(word, operators[i].spelling)) {
                version = word + strlen(operators[i].spelling);
                op = operators[i].op;
                break;
            }
        /* "17 <18" is ambiguous and therefore invalid. */
        if (!version_is_valid(version) || alone || (version == word && range.n_tests > 0))
            return because(-EINVAL, reterr_word, "%s", word);
        alone = version == word;
        r = version_range_add(&range, op, version);
        if (r < 0)
            return r;
    }
    if (range.n_tests == 0)
        return because(-EINVAL, reterr_word, "%s", "");
    *ret = TAKE_STRUCT(range);
    return 0;
}

bool version_range_holds(const VersionRange *range, const char *version)
{
    ARRAY_FOREACH (test, range->tests, range->n_tests) {
        int r = version_compare(version, test->version);

        if (!(test->op & (r < 0 ? VERSION_LESS : r > 0 ? VERSION_GREATER : VERSION_EQUAL)))
            return false;
    }
    return true;
}

const char *version_range_exact(const VersionRange *range)
{
    return range->n_tests == 1 && range->tests[0].op == VERSION_EQUAL ? range->tests[0].version
                                                                      : NULL;
}
