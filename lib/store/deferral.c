/* SPDX-License-Identifier: MIT */
/* Deferrals, and the points in time at which they end. Holds nobody back by itself. */
#include "store/deferral.h"

#include "basic/time.h"
#include "store/operator.h"

#include <time.h>

#define USEC UINT64_C(1000000)

/* What time_format() has written; UINT64_MAX for anything else. */
static uint64_t parse_stored(const char *s)
{
    struct tm tm = {};
    const char *end = s ? strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
    time_t t = end && !*end ? timegm(&tm) : -1;

    return t < 0 ? UINT64_MAX : (uint64_t)t * USEC;
}

int deferral_read(const Store *store, Deferral *ret)
{
    Deferral deferral = {.until_usec = UINT64_MAX};
    int r = record_read(store, RECORD_DEFERRED, &deferral.record);

    if (r == 1 || r == -ENOMEM)
        return r;
    if (r == 0) {
        deferral.reason = json_string(deferral.record, "reason");
        deferral.until_usec = parse_stored(json_string(deferral.record, "until"));
    }
    *ret = deferral;
    return 0;
}

void deferral_free(Deferral *deferral)
{
    json_object_put(deferral->record);
    *deferral = (Deferral){};
}

bool deferral_is_over(const Deferral *deferral)
{
    return deferral->until_usec <= time_now();
}

char *deferral_describe(const Deferral *deferral)
{
    _cleanup_free_ char *who = NULL, *until = NULL;

    if (!deferral->record)
        return strdup("deferred by an unknown person: the record of the deferral is damaged");
    who = operator_describe(deferral->record);
    if (deferral->until_usec != UINT64_MAX)
        until = time_local(json_string(deferral->record, "until"));
    return strprintf("deferred by %s%s%s%s%s", who ? who : "?", until ? ", until " : "",
                     until ? until : "", deferral->reason ? ": " : "",
                     deferral->reason ? deferral->reason : "");
}

int deferral_write(const Store *store, uint64_t until_usec, const char *reason)
{
    _cleanup_free_ char *now = time_format(time_now()), *until = NULL;
    _cleanup_json_ json_object *record = json_object_new_object();

    if (until_usec != UINT64_MAX) {
        until = time_format(until_usec);
        if (!until)
            return -ENOMEM;
    }
    if (!now || !record)
        return -ENOMEM;
    json_add_string(record, "until", until);
    json_add_string(record, "when", now);
    json_add_string(record, "reason", reason);
    operator_add(record);
    return record_write(store, RECORD_DEFERRED, record);
}

int deferral_remove(const Store *store)
{
    return record_remove(store, RECORD_DEFERRED);
}

/* --- points in time -------------------------------------------------------------------------- */

static int take_time(struct tm *tm, bool utc, uint64_t *ret_usec)
{
    struct tm given = *tm;
    time_t t;

    tm->tm_isdst = -1;
    t = utc ? timegm(tm) : mktime(tm);
    /* The 30th of February is none of March. An hour that summer time leaves out is the next one.
     */
    if (t < 0 || tm->tm_mday != given.tm_mday || tm->tm_mon != given.tm_mon)
        return -EINVAL;
    *ret_usec = (uint64_t)t * USEC;
    return 0;
}

static int parse_date(const char *s, uint64_t *ret_usec)
{
    static const char *const formats[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

    /* strptime() takes years of one digit. */
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

/* The beginning of that day. */
static int parse_day(int days, uint64_t now_usec, uint64_t *ret_usec)
{
    time_t now = (time_t)(now_usec / USEC), t;
    struct tm tm;

    if (!localtime_r(&now, &tm))
        return -EINVAL;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday += days;
    tm.tm_isdst = -1;
    t = mktime(&tm);
    if (t < 0)
        return -EINVAL;
    *ret_usec = (uint64_t)t * USEC;
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
