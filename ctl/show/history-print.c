/* SPDX-License-Identifier: MIT */
/* An entry of the history in words. */
#include "show/history-print.h"

#include "basic/time.h"
#include "show/detail.h"
#include "terminal/cell.h"

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
        string_appendf(&s, "%s%s", s.length > 0 ? ", " : "", result ? result : "?");
    if (usec > 0) {
        _cleanup_free_ char *duration = detail_duration(usec);

        string_appendf(&s, ", %s", duration ? duration : "?");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Records are read back from disk: what would not be typed as it stands is left out. */
static bool is_plain(const char *s)
{
    return s && *s && s[strspn(s, "0123456789abcdefABCDEFTZ-")] == '\0';
}

/* By the unit's run, which has what scripts printed; and by the transaction, since journald may not
 * know the run of the last lines, whose process has ended. */
char *entry_journal(json_object *entry)
{
    const char *id = json_string(entry, "id"), *invocation = json_string(entry, "invocation");

    /* Of what is recorded in an instant there is no run. */
    if (!is_plain(id) || !json_string(entry, "boot"))
        return NULL;
    if (is_plain(invocation))
        return strprintf("journalctl _SYSTEMD_INVOCATION_ID=%s + MIGRATE_TRANSACTION=%s",
                         invocation, id);
    return strprintf("journalctl MIGRATE_TRANSACTION=%s", id);
}

int entry_complete(json_object *entry)
{
    static const char *const keys[] = {
        "id",     "service",  "action", "from",        "to",         "started",    "finished",
        "result", "duration", "reason", "declaration", "generation", "boot",       "invocation",
        "steps",  "bytes",    "files",  "protect",     "restored",   "fingerprint"};
    _cleanup_free_ char *journal = entry_journal(entry);

    for (size_t i = 0; i < ELEMENTSOF(keys); i++)
        if (!json_object_object_get_ex(entry, keys[i], NULL) &&
            json_object_object_add(entry, keys[i], NULL) < 0)
            return -ENOMEM;
    return json_object_object_add(entry, "journal",
                                  journal ? json_object_new_string(journal) : NULL) < 0
               ? -ENOMEM
               : 0;
}

/* --- the block -------------------------------------------------------------------------------- */

/* value NULL: nothing is printed. */
static int print_value(const char *key, const char *value)
{
    _cleanup_free_ char *text = value ? cell_text(value) : NULL;

    if (value && !text)
        return -ENOMEM;
    if (value)
        print_field(key, "%s", text);
    return 0;
}

static int print_steps(json_object *steps)
{
    int r = 0;

    for (size_t i = 0; r == 0 && steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);
        const char *from = json_string(step, "from"), *to = json_string(step, "to"),
                   *migration = json_string(step, "migration");
        _cleanup_free_ char *text =
            strprintf("%s %s %s, %s", from ? from : "?", arrow(), to ? to : "?",
                      migration ? migration : "no migration of its own");

        r = text ? print_value(i == 0 ? "Steps" : NULL, text) : -ENOMEM;
    }
    return r;
}

static int print_times(json_object *entry)
{
    const char *started = json_string(entry, "started"), *finished = json_string(entry, "finished");
    _cleanup_free_ char *begun = started ? time_local(started) : NULL,
                        *ended = finished ? time_local(finished) : NULL;
    bool both = begun && ended && !streq(begun, ended);
    int r;

    r = print_value(both ? "Started" : "When", begun ? begun : ended);
    return r == 0 && both ? print_value("Finished", ended) : r;
}

static int print_sizes(json_object *entry)
{
    _cleanup_free_ char *size = NULL;

    if (json_integer(entry, "bytes") <= 0)
        return 0;
    size = detail_size(json_integer(entry, "bytes"));
    if (size)
        print_field("State", "%s in %lld files", size, (long long)json_integer(entry, "files"));
    return size ? 0 : -ENOMEM;
}

int entry_print(json_object *entry)
{
    static const struct {
        const char *label, *key;
    } lines[] = {{"Declaration", "declaration"}, {"Generation", "generation"},
                 {"Backup", "restored"},         {"Former name", "former"},
                 {"Reason", "reason"},           {"Transaction", "id"}};
    bool done = streq_null(json_string(entry, "result"), "done");
    const char *service = json_string(entry, "service");
    _cleanup_free_ char *what = entry_describe(entry), *journal = entry_journal(entry),
                        *plain = what ? cell_text(what) : NULL;
    int r;

    if (!plain)
        return -ENOMEM;
    print_line(2, "%s%s%s %s%s%s %s", colour(done ? COLOUR_GREEN : COLOUR_RED), bullet(),
               colour(COLOUR_NONE), colour(COLOUR_BOLD), service ? service : "?",
               colour(COLOUR_NONE), plain);
    r = print_times(entry);
    if (r == 0)
        r = print_steps(json_array(entry, "steps"));
    if (r == 0)
        r = print_sizes(entry);
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(lines); i++)
        r = print_value(lines[i].label, json_string(entry, lines[i].key));
    return r == 0 ? print_value("Journal", journal) : r;
}
