/* SPDX-License-Identifier: MIT */
/* State versions: what one looks like and how two are ordered.
 *
 * Order: the UAPI group's version format specification
 * (https://uapi-group.org/specifications/specs/version_format_specification/), the same that
 * "systemd-analyze compare-versions" follows. */
#pragma once

#include "basic/util.h"

#define VERSION_LENGTH_MAX 64

/* Letters, digits and . _ + - ~ ^, at least one letter or digit, at most 64 characters: safe in a
 * file name, in a glob and in a unit file. */
bool version_is_valid(const char *s);

/* A stamp FROM::TO: the software of version TO migrates the state itself, from FROM on, and has not
 * said yet that it is through (SelfMigrating=). Not FROM:TO, with which a transaction says that
 * only it knows what is there. TO, which is part of stamp, or NULL where it is no such stamp. */
#define VERSION_SELF "::"
const char *version_self_target(const char *stamp);

/* Less than, equal to or greater than 0. Different spellings can be equal: "1.0" and "1.00". */
int version_compare(const char *a, const char *b);

typedef enum VersionOperator {
    VERSION_EQUAL,
    VERSION_UNEQUAL,
    VERSION_LESS,
    VERSION_LESS_EQUAL,
    VERSION_GREATER,
    VERSION_GREATER_EQUAL,
} VersionOperator;

typedef struct VersionTest {
    VersionOperator op;
    char *version;
} VersionTest;

/* Comparisons that must all hold; none holds for every version. */
typedef struct VersionRange {
    VersionTest *tests;
    size_t n_tests;
} VersionRange;

/* ">=17.11 <18", or a version alone, which stands for itself: 0, -ENOMEM, or -EINVAL, reterr_word
 * (to be freed) then being the word that was not understood. */
int version_range_parse(const char *s, VersionRange *ret, char **reterr_word) _must_check_;
void version_range_free(VersionRange *range);
bool version_range_holds(const VersionRange *range, const char *version);
/* The version where the range is a version alone, else NULL; owned by the range. */
const char *version_range_exact(const VersionRange *range);
int version_range_add(VersionRange *range, VersionOperator op, const char *version) _must_check_;
