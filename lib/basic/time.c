/* SPDX-License-Identifier: MIT */
/* Converts points in time and durations from and to text. */
#include "basic/time.h"

#include <time.h>

#define USEC_PER_SEC UINT64_C(1000000)

static uint64_t read_clock(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t time_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t time_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

char *time_format(uint64_t usec)
{
    time_t seconds = (time_t)(usec / USEC_PER_SEC);
    char text[sizeof("2026-11-22T09:17:38Z") + 8];
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        return NULL;
    return strdup(text);
}

int time_parse(const char *s, uint64_t *ret_usec)
{
    struct tm tm = {};
    const char *end = s ? strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
    time_t seconds = end && !*end ? timegm(&tm) : -1;
    uint64_t usec;

    if (seconds <= 0 || __builtin_mul_overflow((uint64_t)seconds, USEC_PER_SEC, &usec))
        return -EINVAL;
    *ret_usec = usec;
    return 0;
}

static char *format_local(const char *utc, bool full)
{
    char text[64];
    struct tm tm;
    uint64_t usec;

    if (time_parse(utc, &usec) < 0 || !localtime_r(&(time_t){(time_t)(usec / USEC_PER_SEC)}, &tm) ||
        !(full ? strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S %Z", &tm)
               : strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm)))
        return strdup(utc ? utc : "?");
    return strdup(text);
}

char *time_local(const char *utc)
{
    return format_local(utc, true);
}

char *time_local_short(const char *utc)
{
    return format_local(utc, false);
}

int parse_duration(const char *s, uint64_t *ret_usec)
{
    static const struct {
        const char *suffixes;
        uint64_t usec;
    } units[] = {
        {"us", 1},
        {"ms", 1000},
        {"s sec second seconds", 1000000},
        {"m min minute minutes", 60000000ULL},
        {"h hr hour hours", 3600000000ULL},
        {"d day days", 86400000000ULL},
        {"w week weeks", 604800000000ULL},
        {"month months", 2629800000000ULL},
        {"y year years", 31557600000000ULL},
    };
    uint64_t total = 0;

    if (streq(s, "infinity")) {
        *ret_usec = UINT64_MAX;
        return 0;
    }
    if (!*s)
        return -EINVAL;
    while (*s) {
        uint64_t factor = 0, number, part;
        size_t length;

        s += strspn(s, " \t");
        if (!*s)
            break;
        if (parse_number(&s, &number) < 0)
            return -EINVAL;
        s += strspn(s, " \t");
        length = strspn(s, "abcdefghijklmnopqrstuvwxyz");
        if (length == 0)
            factor = 1000000;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
            if (words_contain(units[i].suffixes, s, length))
                factor = units[i].usec;
        if (factor == 0)
            return -EINVAL;
        s += length;
        if (__builtin_mul_overflow(number, factor, &part) ||
            __builtin_add_overflow(total, part, &total) || total == UINT64_MAX)
            return -EINVAL;
    }
    *ret_usec = total;
    return 0;
}

static int take_time(struct tm *tm, bool utc, uint64_t *ret_usec)
{
    struct tm given = *tm;
    time_t t;

    tm->tm_isdst = -1;
    t = utc ? timegm(tm) : mktime(tm);
    /* mktime() changes 30 February into a day of March, so a changed day is an error. (An hour that
     * summer time skips is not an error, but becomes the next hour.) */
    if (t < 0 || tm->tm_mday != given.tm_mday || tm->tm_mon != given.tm_mon)
        return -EINVAL;
    *ret_usec = (uint64_t)t * USEC_PER_SEC;
    return 0;
}

static int parse_date(const char *s, uint64_t *ret_usec)
{
    static const char *const formats[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

    /* strptime() would accept a year of one digit. */
    if (strspn(s, "0123456789") != 4)
        return -EINVAL;
    for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
        struct tm tm = {};
        const char *end = strptime(s, formats[i], &tm);

        if (end && (!*end || streq(end, " UTC")))
            return take_time(&tm, *end != '\0', ret_usec);
    }
    return -EINVAL;
}

/* Finds the start of a day in local time; days: 0 for today, 1 for tomorrow. */
static int parse_day(int days, uint64_t now_usec, uint64_t *ret_usec)
{
    time_t now = (time_t)(now_usec / USEC_PER_SEC), t;
    struct tm tm;

    if (!localtime_r(&now, &tm))
        return -EINVAL;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday += days;
    tm.tm_isdst = -1;
    t = mktime(&tm);
    if (t < 0)
        return -EINVAL;
    *ret_usec = (uint64_t)t * USEC_PER_SEC;
    return 0;
}

int parse_timestamp(const char *s, uint64_t now_usec, uint64_t *ret_usec)
{
    uint64_t span;

    if (streq(s, "today"))
        return parse_day(0, now_usec, ret_usec);
    if (streq(s, "tomorrow"))
        return parse_day(1, now_usec, ret_usec);
    if (s[0] != '+')
        return parse_date(s, ret_usec);
    if (parse_duration(s + 1, &span) < 0 || span > UINT64_MAX - now_usec)
        return -EINVAL;
    *ret_usec = now_usec + span;
    return 0;
}
