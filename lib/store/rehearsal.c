/* SPDX-License-Identifier: MIT */
/* Reads, writes and describes the records of a rehearsal. */
#include "store/rehearsal.h"

#include "basic/time.h"
#include "store/record-table.h"

#include <inttypes.h>

static const char *const verdicts[] = {
    [VERDICT_PASSED] = "passed",   [VERDICT_PARTIAL] = "partial", [VERDICT_FAILED] = "failed",
    [VERDICT_REFUSED] = "refused", [VERDICT_NOTHING] = "nothing",
};
static const char *const methods[] = {
    [REHEARSAL_COPY] = "copy",
    [REHEARSAL_REFLINK] = "reflink",
    [REHEARSAL_SNAPSHOT] = "snapshot",
    [REHEARSAL_OVERLAY] = "overlay",
};
static const char *const results[] = {
    [STEP_SUCCEEDED] = "done", [STEP_FAILED] = "failed", [STEP_SKIPPED] = "skipped"};

#define RECORD RehearsedStep
static const RecordField step_fields[] = {
    STRING("from", from, 0),           STRING("to", to, 0),
    STRING("migration", migration, 0), ENUM("result", result, results, 0),
    STRING("why", why, FIELD_ALWAYS),  INTEGER("duration", duration, 0),
};
static RECORD_TYPE(step_type, step_fields);
#undef RECORD

#define RECORD RehearsalStaging
static const RecordField staging_fields[] = {
    INTEGER("duration", duration, 0),
    INTEGER("bytes", bytes, 0),
    INTEGER("files", files, 0),
    INTEGER("copied", copied, 0),
};
static RECORD_TYPE(staging_type, staging_fields);
#undef RECORD

#define RECORD RehearsalRecord
static const RecordField fields[] = {
    STRING("service", service, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("started", started, 0),
    STRING("finished", finished, FIELD_REQUIRED),
    INTEGER("duration", duration, 0),
    ENUM("verdict", verdict, verdicts, FIELD_REQUIRED),
    STRING("what", what, 0),
    BOOLEAN("live", live, FIELD_ALWAYS),
    ENUM("method", method, methods, 0),
    OBJECT("staging", staging, RehearsalStaging, staging_type, 0),
    BOOLEAN("changed", changed, FIELD_ALWAYS),
    INTEGER("synced", synced, 0),
    LIST("steps", steps, RehearsedStep, step_type, FIELD_ALWAYS),
    STRINGS("not_rehearsed", not_rehearsed, FIELD_ALWAYS),
    INTEGER("space", space, FIELD_ALWAYS),
    STRING("fingerprint", fingerprint, 0),
    STRING("transaction", transaction, 0),
    STRING("kept", kept, FIELD_ALWAYS),
    INTEGER("exit", exit, 0),
};
RECORD_TYPE(rehearsal_record_type, fields);
#undef RECORD

#define RECORD RehearsingRecord
static const RecordField rehearsing_fields[] = {
    STRINGS("bases", bases, 0),
    BOOLEAN("kept", kept, FIELD_ALWAYS),
};
RECORD_TYPE(rehearsing_record_type, rehearsing_fields);

const char *rehearsal_verdict_name(RehearsalVerdict verdict)
{
    return verdicts[verdict];
}

bool rehearsal_is_of(const RehearsalRecord *record, const char *from, const char *to,
                     const Fingerprint *fingerprint)
{
    return streq_null(record->from, from) && streq_null(record->to, to) &&
           fingerprint_is(fingerprint, record->fingerprint);
}

static char *format_ago(const RehearsalRecord *record, uint64_t now)
{
    uint64_t then, seconds;

    if (time_parse(record->finished, &then) < 0)
        return strdup("");
    seconds = (now - MIN(now, then)) / 1000000;
    return seconds < 120         ? strprintf(" %" PRIu64 " s ago", seconds)
           : seconds < 2 * 3600  ? strprintf(" %" PRIu64 " min ago", seconds / 60)
           : seconds < 2 * 86400 ? strprintf(" %" PRIu64 " h ago", seconds / 3600)
                                 : strprintf(" %" PRIu64 " days ago", seconds / 86400);
}

/* Leaves out the duration of an incomplete rehearsal, because the migration takes longer. */
static char *format_duration(const RehearsalRecord *record)
{
    int64_t usec = record->duration;

    if (usec < 0 || (record->verdict != VERDICT_PASSED && record->verdict != VERDICT_PARTIAL))
        return strdup("");
    return usec < 10000000             ? strprintf(", %.1f s", (double)usec / 1e6)
           : usec < INT64_C(120000000) ? strprintf(", %" PRId64 " s", usec / 1000000)
                                       : strprintf(", %" PRId64 " min", usec / 60000000);
}

char *rehearsal_describe(const RehearsalRecord *record, const char *from, const char *to,
                         const Fingerprint *fingerprint, uint64_t now)
{
    _cleanup_free_ char *ago = format_ago(record, now), *duration = format_duration(record);

    if (!ago || !duration)
        return NULL;
    return strprintf(
        "rehearsed%s: %s%s%s", ago, rehearsal_verdict_name(record->verdict), duration,
        rehearsal_is_of(record, from, to, fingerprint)
            ? ""
            : "; but the state, the declaration or a script that it names has changed since");
}
