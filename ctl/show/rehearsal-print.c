/* SPDX-License-Identifier: MIT */
/* Prints the record of a rehearsal, as text and as JSON. */
#include "show/rehearsal-print.h"

#include "terminal/wrap.h"

/* Prints text after escaping it, because it may contain the output of a script. */
static void print_text(const char *key, const char *text)
{
    _cleanup_free_ char *plain = text ? cell_text(text) : NULL;

    print_field(key, "%s", plain ? plain : "?");
}

static Colour colour_of(RehearsalVerdict verdict)
{
    switch (verdict) {
    case VERDICT_PASSED:
        return COLOUR_GREEN;
    case VERDICT_PARTIAL:
        return COLOUR_YELLOW;
    case VERDICT_NOTHING:
        return COLOUR_DIM;
    case VERDICT_NONE:
    case VERDICT_FAILED:
    case VERDICT_REFUSED:
        break;
    }
    return COLOUR_RED;
}

static void print_staging(const RehearsalRecord *record)
{
    const RehearsalStaging *staging = record->staging;
    char size[32], duration[32];

    if (record->method == REHEARSAL_NO_METHOD || !staging)
        return;
    text_size(size, sizeof(size), (uint64_t)MAX(staging->bytes, 0));
    text_duration(duration, sizeof(duration), (uint64_t)MAX(staging->duration, 0));
    if (record->method == REHEARSAL_OVERLAY)
        print_field("Clone", "an overlay, nothing was copied, %s", duration);
    else
        print_field("Clone", "%s, %s in %lld files, %s%s",
                    record->method == REHEARSAL_SNAPSHOT  ? "a snapshot"
                    : record->method == REHEARSAL_REFLINK ? "contents shared"
                                                          : "a copy",
                    size, (long long)MAX(staging->files, 0), duration,
                    staging->copied <= 0 ? ", nothing was copied" : "");
}

static void print_step(const RehearsedStep *step, size_t number)
{
    bool done = step->result == STEP_SUCCEEDED, skipped = step->result == STEP_SKIPPED;
    char duration[32] = "";

    if (done || step->duration > 0)
        text_duration(duration, sizeof(duration), (uint64_t)MAX(step->duration, 0));
    print_field(number == 1 ? "Steps" : NULL, "%zu. %s%s%s%s%s%s%s%s%s%s%s%s", number,
                step->from ? step->from : "", step->from ? " " : "", step->from ? arrow() : "",
                step->from ? " " : "", step->to ? step->to : "?", step->migration ? ", " : "",
                step->migration ? step->migration : "",
                colour(done      ? COLOUR_GREEN
                       : skipped ? COLOUR_YELLOW
                                 : COLOUR_RED),
                done      ? ": done"
                : skipped ? ": not tried"
                          : ": failed",
                colour(COLOUR_NONE), *duration ? ", " : "", duration);
    if (!done && step->why) {
        _cleanup_free_ char *plain = cell_text(step->why);

        print_field(NULL, "   %s", plain ? plain : "?");
    }
}

static void print_next(const Service *service, const RehearsalRecord *record)
{
    const char *name = service->declaration->name;
    bool blurred = record->live && record->method != REHEARSAL_NO_METHOD &&
                   record->method != REHEARSAL_SNAPSHOT;

    const char *bold = colour(COLOUR_BOLD), *normal = colour(COLOUR_NONE);
    bool passed = record->verdict == VERDICT_PASSED || record->verdict == VERDICT_PARTIAL;

    if (record->verdict == VERDICT_NOTHING)
        return;
    if (passed && service->next)
        print_field("Next", "%s%s%s", bold, service->next, normal);
    else if (passed)
        print_field("Next", "%smigratectl start %s%s", bold, name, normal);
    else if (record->verdict == VERDICT_FAILED && blurred)
        print_field("Next", "%smigratectl rehearse --stop %s%s", bold, name, normal);
    else
        print_field("Next", "%sjournalctl -u migrate-rehearse@%s%s", bold, name, normal);
}

void rehearsal_print(const Service *service, const RehearsalRecord *record)
{
    Colour which = colour_of(record->verdict);
    char size[32];

    print_line(2, "%s%s%s %s%s%s - rehearsal %s%s%s", colour(which), bullet(), colour(COLOUR_NONE),
               colour(COLOUR_BOLD), service->declaration->name, colour(COLOUR_NONE), colour(which),
               rehearsal_verdict_name(record->verdict), colour(COLOUR_NONE));
    print_text("Verdict", record->what);
    print_staging(record);
    for (size_t i = 0; i < record->n_steps; i++)
        print_step(record->steps + i, i + 1);
    if (record->space >= 0) {
        text_size(size, sizeof(size), (uint64_t)record->space);
        print_field("Space", "at most %s for what the steps changed", size);
    }
    STRV_FOREACH (sentence, record->not_rehearsed)
        print_text(sentence == record->not_rehearsed ? "Not rehearsed" : NULL, *sentence);
    if (record->kept)
        print_text("Kept", record->kept);
    print_next(service, record);
}

json_object *rehearsal_to_json(const RehearsalRecord *record, const char *name, int status)
{
    static const char *const keys[] = {"from",    "to",          "started", "finished", "duration",
                                       "verdict", "what",        "method",  "live",     "staging",
                                       "space",   "fingerprint", "kept"};
    static const char *const lists[] = {"steps", "not_rehearsed"};
    json_object *object =
        record ? record_to_json(&rehearsal_record_type, record) : json_object_new_object();

    if (object && !record) {
        json_add_text(object, "service", name);
        json_add_number(object, "exit", status);
    }
    if (object)
        json_add_missing(object, keys, ELEMENTSOF(keys));
    for (size_t i = 0; object && i < ELEMENTSOF(lists); i++)
        if (!json_object_object_get_ex(object, lists[i], NULL))
            json_object_object_add(object, lists[i], json_object_new_array());
    return object;
}

/* --- for the pending plan --------------------------------------------------------------------- */

void rehearsal_add_to_json(json_object *object, const Service *service)
{
    _cleanup_(rehearsal_record_free) RehearsalRecord record = {};
    json_object *added = NULL;

    if (service->verdict.has_plan &&
        rehearsal_record_read(&service->facts.store, RECORD_REHEARSAL, &record) == 0) {
        added = rehearsal_to_json(&record, service->declaration->name, RESULT_DONE);
        if (added)
            json_add_boolean(added, "holds",
                             rehearsal_is_of(&record, service->verdict.route.plan.from,
                                             service->verdict.route.plan.to,
                                             &service->facts.fingerprint));
    }
    json_object_object_add(object, "rehearsal", added);
}
