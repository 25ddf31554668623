/* SPDX-License-Identifier: MIT */
/* migratectl history: lists the migrations and other entries of the history, newest last. */
#include "basic/result.h"
#include "basic/time.h"
#include "show/backup-print.h"
#include "show/detail.h"
#include "show/history-print.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/table.h"

#include <fcntl.h>

/* Moves all entries to the end of all. Returns 0 or -ENOMEM. */
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

/* Appends the entries of one service. Returns 0; or 1, after printing the reason, if they cannot be
 * read. */
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
        table_cell(&table, local, COLOUR_NONE);
        table_cell(&table, entry->service, COLOUR_NONE);
        table_cell(&table, entry->from, COLOUR_NONE);
        table_cell(&table, entry->to, COLOUR_NONE);
        table_cell(&table, transaction_record_result(entry),
                   entry->result == RESULT_DONE ? COLOUR_GREEN : COLOUR_RED);
        table_cell(&table, duration, COLOUR_NONE);
        table_cell(&table, action ? action : entry->id, COLOUR_NONE);
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

    for (size_t i = 0; array && i < all->n_items; i++) {
        json_object *entry = entry_to_json(all->items + i);

        if (!entry || json_object_array_add(array, entry) < 0) {
            json_object_put(entry);
            return complain_memory();
        }
    }
    if (!array)
        return complain_memory();
    print_json(array);
    return RESULT_DONE;
}

/* Applies --lines=. */
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
