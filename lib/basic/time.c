/* SPDX-License-Identifier: MIT */
/* Points in time, as records and people write them. */
#include "basic/time.h"

#include <time.h>

static bool read_local(const char *utc, struct tm *ret)
{
    struct tm tm = {};
    time_t t;

    if (!utc || !strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return false;
    t = timegm(&tm);
    return localtime_r(&t, ret) != NULL;
}

char *time_local(const char *utc)
{
    struct tm tm;
    char text[64];

    if (!read_local(utc, &tm) || !strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S %Z", &tm))
        return strdup(utc ? utc : "?");
    return strdup(text);
}

char *time_local_short(const char *utc)
{
    struct tm tm;
    char text[64];

    if (!read_local(utc, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
        return strdup(utc ? utc : "?");
    return strdup(text);
}
