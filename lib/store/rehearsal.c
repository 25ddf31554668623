/* SPDX-License-Identifier: MIT */
/* Reading the record of a rehearsal: see rehearsal.h. */
#include "store/rehearsal.h"

#include "basic/time.h"

#include <inttypes.h>

int rehearsal_read(const Store *store, json_object **ret)
{
    _cleanup_json_ json_object *record = NULL;
    int r = record_read(store, RECORD_REHEARSAL, &record);

    if (r != 0)
        return r;
    if (!json_string(record, "verdict") || !json_string(record, "finished"))
        return -EBADMSG;
    *ret = TAKE_PTR(record);
    return 0;
}

bool rehearsal_is_of(json_object *record, const char *from, const char *to,
                     const Fingerprint *fingerprint)
{
    return streq_null(json_string(record, "from"), from) &&
           streq_null(json_string(record, "to"), to) &&
           fingerprint_is(fingerprint, json_string(record, "fingerprint"));
}

static char *format_ago(json_object *record, uint64_t now)
{
    uint64_t then, seconds;

    if (time_parse(json_string(record, "finished"), &then) < 0)
        return strdup("");
    seconds = (now - MIN(now, then)) / 1000000;
    if (seconds < 120)
        return strprintf(" %" PRIu64 " s ago", seconds);
    if (seconds < 2 * 3600)
        return strprintf(" %" PRIu64 " min ago", seconds / 60);
    if (seconds < 2 * 86400)
        return strprintf(" %" PRIu64 " h ago", seconds / 3600);
    return strprintf(" %" PRIu64 " days ago", seconds / 86400);
}

/* How long it took is told of what ran through. */
static char *format_duration(json_object *record)
{
    const char *verdict = json_string(record, "verdict");
    int64_t usec = json_integer(record, "duration");

    if (usec < 0 || (!streq(verdict, REHEARSAL_PASSED) && !streq(verdict, REHEARSAL_PARTIAL)))
        return strdup("");
    return usec < 10000000             ? strprintf(", %.1f s", (double)usec / 1e6)
           : usec < INT64_C(120000000) ? strprintf(", %" PRId64 " s", usec / 1000000)
                                       : strprintf(", %" PRId64 " min", usec / 60000000);
}

char *rehearsal_describe(json_object *record, const char *from, const char *to,
                         const Fingerprint *fingerprint, uint64_t now)
{
    _cleanup_free_ char *ago = format_ago(record, now), *duration = format_duration(record);

    if (!ago || !duration)
        return NULL;
    return strprintf("rehearsed%s: %s%s%s", ago, json_string(record, "verdict"), duration,
                     rehearsal_is_of(record, from, to, fingerprint)
                         ? ""
                         : "; but that was another plan: the state, the declaration or a script "
                           "that it names is another by now");
}
