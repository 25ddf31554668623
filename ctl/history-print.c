/* SPDX-License-Identifier: MIT */
/* An entry of the history in words. */
#include "history-print.h"

#include "detail.h"

const char *entry_time(json_object *entry)
{
    const char *finished = json_string(entry, "finished"), *started = json_string(entry, "started");

    return finished ? finished : started ? started : "";
}

int entry_compare(const void *a, const void *b)
{
    return strcmp(entry_time(*(json_object *const *)a), entry_time(*(json_object *const *)b));
}

char *entry_describe(json_object *entry)
{
    const char *from = json_string(entry, "from"), *to = json_string(entry, "to"),
               *action = json_string(entry, "action"), *result = json_string(entry, "result");
    int64_t usec = json_integer(entry, "duration");
    _cleanup_string_ String s = {};
    char *text;

    if (action)
        string_appendf(&s, "%s%s", action, from || to ? " " : "");
    if (from)
        string_append(&s, from);
    if (to)
        string_appendf(&s, "%s%s%s%s", from ? " " : "", from ? arrow() : "", from ? " " : "", to);
    if (!action || !streq_null(result, "done"))
        string_appendf(&s, ", %s", result ? result : "?");
    if (usec > 0) {
        _cleanup_free_ char *duration = detail_duration(usec);

        string_appendf(&s, ", %s", duration ? duration : "?");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}
