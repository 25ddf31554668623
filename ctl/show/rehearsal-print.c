/* SPDX-License-Identifier: MIT */
/* A rehearsal in words. Judges nothing: what the helper has written down is what is told. */
#include "show/rehearsal-print.h"

#include "basic/result.h"
#include "basic/text.h"
#include "show/detail.h"
#include "store/rehearsal.h"
#include "terminal/cell.h"

/* Others have written it: a script's last line may be in it. */
static void print_text(const char *key, const char *text)
{
    _cleanup_free_ char *plain = text ? cell_text(text) : NULL;

    print_field(key, "%s", plain ? plain : "?");
}

static Colour colour_of(const char *verdict)
{
    return streq(verdict, REHEARSAL_PASSED)    ? COLOUR_GREEN
           : streq(verdict, REHEARSAL_PARTIAL) ? COLOUR_YELLOW
           : streq(verdict, REHEARSAL_NOTHING) ? COLOUR_DIM
                                               : COLOUR_RED;
}

static void print_staging(json_object *record)
{
    const char *method = json_string(record, "method");
    json_object *staging = NULL;
    char size[32], duration[32];
    int64_t bytes, copied, usec;

    if (!method || !json_object_object_get_ex(record, "staging", &staging))
        return;
    bytes = json_integer(staging, "bytes");
    copied = json_integer(staging, "copied");
    usec = json_integer(staging, "duration");
    text_size(size, sizeof(size), bytes > 0 ? (uint64_t)bytes : 0);
    text_duration(duration, sizeof(duration), usec > 0 ? (uint64_t)usec : 0);
    if (streq(method, "overlay"))
        print_field("Clone", "an overlay, nothing was copied, %s", duration);
    else
        print_field("Clone", "%s, %s in %lld files, %s%s",
                    streq(method, "snapshot")  ? "a snapshot"
                    : streq(method, "reflink") ? "contents shared"
                                               : "a copy",
                    size, (long long)json_integer(staging, "files"), duration,
                    copied == 0 ? ", nothing was copied" : "");
}

static void print_step(json_object *step, size_t number, bool first)
{
    const char *result = json_string(step, "result"), *why = json_string(step, "why"),
               *from = json_string(step, "from"), *migration = json_string(step, "migration");
    int64_t usec = json_integer(step, "duration");
    bool done = streq_null(result, "done");
    char duration[32] = "";

    if (done || usec > 0)
        text_duration(duration, sizeof(duration), usec > 0 ? (uint64_t)usec : 0);
    print_field(first ? "Steps" : NULL, "%zu. %s%s%s%s%s%s%s%s%s%s%s%s", number, from ? from : "",
                from ? " " : "", from ? arrow() : "", from ? " " : "", json_string(step, "to"),
                migration ? ", " : "", migration ? migration : "",
                colour(done                            ? COLOUR_GREEN
                       : streq_null(result, "skipped") ? COLOUR_YELLOW
                                                       : COLOUR_RED),
                done                            ? ": done"
                : streq_null(result, "skipped") ? ": not tried"
                                                : ": failed",
                colour(COLOUR_NONE), *duration ? ", " : "", duration);
    if (!done && why) {
        _cleanup_free_ char *plain = cell_text(why);

        print_field(NULL, "   %s", plain ? plain : "?");
    }
}

static void print_steps(json_object *record)
{
    json_object *steps = json_array(record, "steps");
    size_t n = steps ? json_object_array_length(steps) : 0;

    for (size_t i = 0; i < n; i++)
        print_step(json_object_array_get_idx(steps, i), i + 1, i == 0);
}

static void print_list(json_object *record, const char *key, const char *title)
{
    json_object *list = json_array(record, key);
    size_t n = list ? json_object_array_length(list) : 0;

    for (size_t i = 0; i < n; i++)
        print_text(i == 0 ? title : NULL,
                   json_object_get_string(json_object_array_get_idx(list, i)));
}

static void print_next(const Service *service, json_object *record)
{
    const char *verdict = json_string(record, "verdict"), *name = service->declaration->name,
               *method = json_string(record, "method");
    bool blurred = json_true(record, "live") && method && !streq(method, "snapshot"),
         passed = streq(verdict, REHEARSAL_PASSED) || streq(verdict, REHEARSAL_PARTIAL);
    const char *bold = colour(COLOUR_BOLD), *normal = colour(COLOUR_NONE);

    if (streq(verdict, REHEARSAL_NOTHING))
        return;
    if (passed && service->next)
        print_field("Next", "%s%s%s", bold, service->next, normal);
    else if (passed)
        print_field("Next", "%smigratectl start %s%s", bold, name, normal);
    else if (streq(verdict, REHEARSAL_FAILED) && blurred)
        print_field("Next", "%smigratectl rehearse --stop %s%s", bold, name, normal);
    else
        print_field("Next", "%sjournalctl -u migrate-rehearse@%s%s", bold, name, normal);
}

void rehearsal_print(const Service *service, json_object *record)
{
    const char *verdict = json_string(record, "verdict"), *kept = json_string(record, "kept");
    json_object *space = NULL;
    char size[32];

    print_line(2, "%s%s%s %s%s%s - rehearsal %s%s%s", colour(colour_of(verdict)), bullet(),
               colour(COLOUR_NONE), colour(COLOUR_BOLD), service->declaration->name,
               colour(COLOUR_NONE), colour(colour_of(verdict)), verdict, colour(COLOUR_NONE));
    print_text("Verdict", json_string(record, "what"));
    print_staging(record);
    print_steps(record);
    if (json_object_object_get_ex(record, "space", &space) && space) {
        text_size(size, sizeof(size), (uint64_t)json_object_get_int64(space));
        print_field("Space", "at most %s for what the steps changed", size);
    }
    print_list(record, "not_rehearsed", "Not rehearsed");
    if (kept)
        print_text("Kept", kept);
    print_next(service, record);
}

json_object *rehearsal_to_json(json_object *record, const char *name, int status)
{
    static const char *const keys[] = {"from",    "to",          "started", "finished", "duration",
                                       "verdict", "what",        "method",  "live",     "staging",
                                       "space",   "fingerprint", "kept"};
    static const char *const lists[] = {"steps", "not_rehearsed"};
    json_object *value;

    if (!record) {
        record = json_object_new_object();
        json_add_string(record, "service", name);
        json_add_integer(record, "exit", status);
    }
    for (size_t i = 0; i < ELEMENTSOF(keys); i++)
        if (!json_object_object_get_ex(record, keys[i], &value))
            json_object_object_add(record, keys[i], NULL);
    for (size_t i = 0; i < ELEMENTSOF(lists); i++)
        if (!json_object_object_get_ex(record, lists[i], &value))
            json_object_object_add(record, lists[i], json_object_new_array());
    return record;
}

/* --- beside what is pending ------------------------------------------------------------------- */

/* 0 and the record, or 1. */
static int find(const Service *service, json_object **ret)
{
    if (!service->has_plan || service->store.fd < 0 || rehearsal_read(&service->store, ret) != 0)
        return 1;
    return 0;
}

void rehearsal_add_to_json(json_object *object, const Service *service)
{
    json_object *record = NULL;

    if (find(service, &record) == 0) {
        bool holds =
            rehearsal_is_of(record, service->plan.from, service->plan.to, &service->fingerprint);

        record = rehearsal_to_json(record, service->declaration->name, RESULT_DONE);
        json_object_object_add(record, "holds", json_object_new_boolean(holds));
    }
    json_object_object_add(object, "rehearsal", record);
}
