/* SPDX-License-Identifier: MIT */
/* migratectl history: lists the migrations and other entries of the history, newest last. */
#include "show/history.h"

#include "show/backups.h"
#include "show/detail.h"
#include "show/verbs.h"
#include "terminal/table.h"
#include "terminal/wrap.h"

const char *entry_time(const TransactionRecord *entry)
{
    return entry->finished ? entry->finished : entry->started ? entry->started : "";
}

static int entry_compare(const void *a, const void *b)
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

/* Says whether an id from the disk can be used in a command without quotes. */
static bool is_plain(const char *s)
{
    return s && *s && s[strspn(s, "0123456789abcdefABCDEFTZ-")] == '\0';
}

/* The invocation id finds the output of scripts; the transaction id finds the last lines, which may
 * lack the invocation id because their process has ended. _UID=0 leaves out entries for which some
 * other user has set MIGRATE_TRANSACTION=. */
static char *entry_journal(const TransactionRecord *entry)
{
    const char *id = entry->id, *invocation = entry->invocation;

    /* An entry without a boot id was recorded without a run of the helper. */
    if (!is_plain(id) || !entry->boot)
        return NULL;
    if (is_plain(invocation))
        return strprintf("journalctl _SYSTEMD_INVOCATION_ID=%s + _UID=0 MIGRATE_TRANSACTION=%s",
                         invocation, id);
    return strprintf("journalctl _UID=0 MIGRATE_TRANSACTION=%s", id);
}

static json_object *entry_to_json(const TransactionRecord *entry)
{
    static const char *const keys[] = {
        "id",     "service",  "action", "from",        "to",         "started",    "finished",
        "result", "duration", "reason", "declaration", "generation", "boot",       "invocation",
        "steps",  "bytes",    "files",  "protect",     "restored",   "fingerprint"};
    json_object *object = record_to_json(&transaction_record_type, entry);
    _cleanup_free_ char *journal = entry_journal(entry);

    if (object) {
        json_add_missing(object, keys, ELEMENTSOF(keys));
        json_add_text(object, "journal", journal);
    }
    return object;
}

/* --- the block -------------------------------------------------------------------------------- */

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

static int entry_print(const TransactionRecord *entry)
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
/* --- the list --------------------------------------------------------------------------------- */

static int append(History *all, History *entries, const char *name)
{
    TransactionRecord *items =
        reallocarray(all->items, all->n_items + entries->n_items + 1, sizeof(TransactionRecord));

    if (!items)
        return -ENOMEM;
    all->items = items;
    for (size_t i = 0; i < entries->n_items; i++)
        if (!entries->items[i].service && strreplace(&entries->items[i].service, name) < 0)
            return -ENOMEM;
    memcpy(items + all->n_items, entries->items, entries->n_items * sizeof(TransactionRecord));
    all->n_items += entries->n_items;
    entries->n_items = 0;
    return 0;
}

static int add_history(History *all, const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(history_free) History entries = {};
    int r = store_open(options.root, name, false, &store);

    if (r == 0)
        r = history_read(&store, &entries);
    if (r == 0 && entries.n_items > 0)
        r = append(all, &entries, name);
    if (r == 0 || r == -ENOENT)
        return 0;
    complain("cannot read the history of %s: %s", name, strerror(-r));
    return 1;
}

/* Appends the entries of all services, also of services that are no longer declared. */
static int add_all(History *all)
{
    _cleanup_strv_ char **names = NULL;
    int r = 0;

    if (backup_find_services(&names) < 0)
        return 1;
    STRV_FOREACH (name, names)
        if (add_history(all, *name))
            r = 1;
    return r;
}

static Result print_table(const History *all)
{
    static const Heading headings[] = {{"WHEN"},
                                       {"SERVICE", .shrinks = true},
                                       {"FROM"},
                                       {"TO"},
                                       {"RESULT"},
                                       {"TOOK", .right = true, .optional = true},
                                       {"ID OR ACTION", .shrinks = true}};
    _cleanup_(table_free) Table table;

    table_begin(&table, headings, ELEMENTSOF(headings));
    ARRAY_FOREACH (entry, all->items, all->n_items) {
        const char *action = transaction_record_action(entry);
        _cleanup_free_ char *local = time_local_short(entry_time(entry)),
                            *duration =
                                entry->duration > 0 ? detail_duration(entry->duration) : NULL;

        table_row(&table);
        table_cells(&table, local, entry->service, entry->from, entry->to);
        table_cell(&table, transaction_record_result(entry),
                   entry->result == RESULT_DONE ? COLOUR_GREEN : COLOUR_RED);
        table_cells(&table, duration, action ? action : entry->id);
    }
    return table_print(&table) < 0 ? complain_memory() : RESULT_DONE;
}

static Result print_blocks(const History *all)
{
    for (size_t i = 0; i < all->n_items; i++) {
        if (i > 0)
            putchar('\n');
        if (entry_print(all->items + i) < 0)
            return complain_memory();
    }
    return RESULT_DONE;
}

static Result print_all_json(const History *all)
{
    _cleanup_json_ json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < all->n_items; i++)
        if (json_append(array, entry_to_json(all->items + i)) < 0)
            return complain_memory();
    if (!array)
        return complain_memory();
    print_json(array);
    return RESULT_DONE;
}

static void shorten(History *all)
{
    size_t n = all->n_items,
           surplus = options.lines > 0 && n > options.lines ? n - options.lines : 0;

    for (size_t i = 0; i < surplus; i++)
        transaction_record_free(all->items + i);
    memmove(all->items, all->items + surplus, (n - surplus) * sizeof(TransactionRecord));
    all->n_items -= surplus;
}

int ctl_history(char **names)
{
    _cleanup_(history_free) History all = {};
    int unread = 0, r = RESULT_DONE;

    STRV_FOREACH (name, names)
        unread |= add_history(&all, *name);
    if (!*names)
        unread = add_all(&all);
    if (all.n_items > 0) {
        qsort(all.items, all.n_items, sizeof(TransactionRecord), entry_compare);
        shorten(&all);
    }
    if (options.json != JSON_OFF)
        r = print_all_json(&all);
    else if (all.n_items > 0)
        r = *names ? print_blocks(&all) : print_table(&all);
    else if (!unread && !options.no_legend)
        print_line(2, "Nothing was migrated or recorded yet.");
    return unread ? RESULT_FAILED : r;
}
