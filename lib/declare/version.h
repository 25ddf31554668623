/* SPDX-License-Identifier: MIT */
/* Checks and compares state versions.
 *
 * The order is that of the UAPI group's version format specification
 * (https://uapi-group.org/specifications/specs/version_format_specification/), like
 * "systemd-analyze compare-versions". */
#pragma once

#include "basic/util.h"

#define VERSION_LENGTH_MAX 64

/* Is s a valid version: 1 to 64 letters, digits and . _ + - ~ ^, with at least one letter or digit?
 * Such a version is safe in a file name, in a glob and in a unit file. */
bool version_is_valid(const char *s);

/* The separator in the stamp FROM::TO: self-migrating software (SelfMigrating=) of version TO has
 * begun to migrate the state, and has not finished. (FROM:TO belongs to a transaction.)
 *
 * version_self_target() returns TO, a part of stamp, or NULL for any other stamp and for NULL. */
#define VERSION_SELF "::"
const char *version_self_target(const char *stamp);

/* Compares two versions. Returns less than 0, 0, or greater than 0. Different spellings can be
 * equal: "1.0" and "1.00". */
int version_compare(const char *a, const char *b);

/* The results of version_compare() for which a comparison holds, as bits. */
typedef enum VersionOperator {
    VERSION_LESS = 1,
    VERSION_EQUAL = 2,
    VERSION_GREATER = 4,
    VERSION_LESS_EQUAL = VERSION_LESS | VERSION_EQUAL,
    VERSION_GREATER_EQUAL = VERSION_GREATER | VERSION_EQUAL,
    VERSION_UNEQUAL = VERSION_LESS | VERSION_GREATER,
} VersionOperator;

typedef struct VersionTest {
    VersionOperator op;
    char *version;
} VersionTest;

/* Comparisons that must all hold. An empty range holds for every version. */
typedef struct VersionRange {
    VersionTest *tests;
    size_t n_tests;
} VersionRange;

/* Parses comparisons, ">=17.11 <18", or a single version, which means "equal". Returns 0, -ENOMEM,
 * or -EINVAL with the invalid word in *reterr_word, which the caller owns. */
int version_range_parse(const char *s, VersionRange *ret, char **reterr_word) _must_check_;
void version_range_free(VersionRange *range);
bool version_range_holds(const VersionRange *range, const char *version);
/* Returns the version if the range is a single version, otherwise NULL. Borrowed. */
const char *version_range_exact(const VersionRange *range);
int version_range_add(VersionRange *range, VersionOperator op, const char *version) _must_check_;
