/* SPDX-License-Identifier: MIT */
/* Formats an entry of the history as text and as JSON. */
#include "show/history-print.h"

#include "basic/time.h"
#include "show/detail.h"
#include "terminal/cell.h"

const char *entry_time(const TransactionRecord *entry)
{
    return entry->finished ? entry->finished : entry->started ? entry->started : "";
}

int entry_compare(const void *a, const void *b)
{
    return strcmp(entry_time(a), entry_time(b));
}

char *entry_describe(const TransactionRecord *entry)
{
    const char *from = entry->from, *to = entry->to, *action = transaction_record_action(entry),
               *result = transaction_record_result(entry);
    _cleanup_string_ String s = {};
    char *text;

    if (action)
        string_appendf(&s, "%s%s", action, from || to ? " " : "");
    if (from)
        string_append(&s, from);
    if (to)
        string_appendf(&s, "%s%s%s%s", from ? " " : "", from ? arrow() : "", from ? " " : "", to);
    if (!action || entry->result != RESULT_DONE)
        string_appendf(&s, "%s%s", s.length > 0 ? ", " : "", result ? result : "?");
    if (entry->duration > 0) {
        _cleanup_free_ char *duration = detail_duration(entry->duration);

        string_appendf(&s, ", %s", duration ? duration : "?");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Can an id, which comes from the disk, be used in a command without quotes? */
static bool is_plain(const char *s)
{
    return s && *s && s[strspn(s, "0123456789abcdefABCDEFTZ-")] == '\0';
}

/* The invocation id finds the output of scripts. The transaction id finds the last lines, which may
 * lack the invocation id because their process has ended. */
char *entry_journal(const TransactionRecord *entry)
{
    const char *id = entry->id, *invocation = entry->invocation;

    /* An entry without a boot id was recorded without a run. */
    if (!is_plain(id) || !entry->boot)
        return NULL;
    if (is_plain(invocation))
        return strprintf("journalctl _SYSTEMD_INVOCATION_ID=%s + MIGRATE_TRANSACTION=%s",
                         invocation, id);
    return strprintf("journalctl MIGRATE_TRANSACTION=%s", id);
}

json_object *entry_to_json(const TransactionRecord *entry)
{
    static const char *const keys[] = {
        "id",     "service",  "action", "from",        "to",         "started",    "finished",
        "result", "duration", "reason", "declaration", "generation", "boot",       "invocation",
        "steps",  "bytes",    "files",  "protect",     "restored",   "fingerprint"};
    json_object *object = record_to_json(&transaction_record_type, entry);
    _cleanup_free_ char *journal = entry_journal(entry);

    for (size_t i = 0; object && i < ELEMENTSOF(keys); i++)
        if (!json_object_object_get_ex(object, keys[i], NULL))
            json_object_object_add(object, keys[i], NULL);
    if (object)
        json_object_object_add(object, "journal", journal ? json_object_new_string(journal) : NULL);
    return object;
}

/* --- the block -------------------------------------------------------------------------------- */

/* Prints a key and its value. Prints nothing if value is NULL. */
static int print_value(const char *key, const char *value)
{
    _cleanup_free_ char *text = value ? cell_text(value) : NULL;

    if (value && !text)
        return -ENOMEM;
    if (value)
        print_field(key, "%s", text);
    return 0;
}

static int print_steps(const TransactionRecord *entry)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < entry->n_steps; i++) {
        const StepRecord *step = entry->steps + i;
        _cleanup_free_ char *text = strprintf(
            "%s %s %s, %s", step->from ? step->from : "?", arrow(), step->to ? step->to : "?",
            step->migration ? step->migration : "no migration of its own");

        r = text ? print_value(i == 0 ? "Steps" : NULL, text) : -ENOMEM;
    }
    return r;
}

static int print_times(const TransactionRecord *entry)
{
    _cleanup_free_ char *begun = entry->started ? time_local(entry->started) : NULL,
                        *ended = entry->finished ? time_local(entry->finished) : NULL;
    bool both = begun && ended && !streq(begun, ended);
    int r;

    r = print_value(both ? "Started" : "When", begun ? begun : ended);
    return r == 0 && both ? print_value("Finished", ended) : r;
}

static int print_sizes(const TransactionRecord *entry)
{
    _cleanup_free_ char *size = NULL;

    if (entry->bytes <= 0)
        return 0;
    size = detail_size(entry->bytes);
    if (size)
        print_field("State", "%s in %lld files", size, (long long)MAX(entry->files, 0));
    return size ? 0 : -ENOMEM;
}

int entry_print(const TransactionRecord *entry)
{
    const struct {
        const char *label, *value;
    } lines[] = {{"Declaration", entry->declaration}, {"Generation", entry->generation},
                 {"Backup", entry->restored},         {"Former name", entry->former},
                 {"Reason", entry->reason},           {"Transaction", entry->id}};
    bool done = entry->result == RESULT_DONE;
    _cleanup_free_ char *what = entry_describe(entry), *journal = entry_journal(entry),
                        *plain = what ? cell_text(what) : NULL;
    int r;

    if (!plain)
        return -ENOMEM;
    print_line(2, "%s%s%s %s%s%s %s", colour(done ? COLOUR_GREEN : COLOUR_RED), bullet(),
               colour(COLOUR_NONE), colour(COLOUR_BOLD), entry->service ? entry->service : "?",
               colour(COLOUR_NONE), plain);
    r = print_times(entry);
    if (r == 0)
        r = print_steps(entry);
    if (r == 0)
        r = print_sizes(entry);
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(lines); i++)
        r = print_value(lines[i].label, lines[i].value);
    return r == 0 ? print_value("Journal", journal) : r;
}
