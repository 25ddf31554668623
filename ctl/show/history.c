/* SPDX-License-Identifier: MIT */
/* migratectl history: what was done, newest last. */
#include "basic/result.h"
#include "basic/time.h"
#include "show/backup-print.h"
#include "show/detail.h"
#include "show/history-print.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/table.h"

#include <fcntl.h>

/* Appends one service's entries. 1: not to be read. */
static int add_history(json_object *all, const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_json_ json_object *entries = NULL;
    int r = store_open(options.root, name, false, &store);

    if (r == 0)
        r = history_read(&store, &entries);
    if (r == -ENOENT)
        return 0;
    if (r < 0) {
        complain("the history of %s cannot be read: %s", name, strerror(-r));
        return 1;
    }
    for (size_t i = 0; i < json_object_array_length(entries); i++) {
        json_object *entry = json_object_array_get_idx(entries, i);

        if (!json_string(entry, "service"))
            json_add_string(entry, "service", name);
        json_object_array_add(all, json_object_get(entry));
    }
    return 0;
}

/* Of every service that has a store, whether or not it is still declared. */
static int add_all(json_object *all)
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

static int print_table(json_object *all)
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
    for (size_t i = 0; i < json_object_array_length(all); i++) {
        json_object *entry = json_object_array_get_idx(all, i);
        const char *result = json_string(entry, "result"), *action = json_string(entry, "action");
        int64_t usec = json_integer(entry, "duration");
        _cleanup_free_ char *local = time_local_short(entry_time(entry)),
                            *duration = usec > 0 ? detail_duration(usec) : NULL;

        table_row(&table);
        table_cell(&table, local, COLOUR_NONE);
        table_cell(&table, json_string(entry, "service"), COLOUR_NONE);
        table_cell(&table, json_string(entry, "from"), COLOUR_NONE);
        table_cell(&table, json_string(entry, "to"), COLOUR_NONE);
        table_cell(&table, result, streq_null(result, "done") ? COLOUR_GREEN : COLOUR_RED);
        table_cell(&table, duration, COLOUR_NONE);
        table_cell(&table, action ? action : json_string(entry, "id"), COLOUR_NONE);
    }
    return table_print(&table) < 0 ? complain_memory() : RESULT_DONE;
}

static int print_blocks(json_object *all)
{
    for (size_t i = 0; i < json_object_array_length(all); i++) {
        if (i > 0)
            putchar('\n');
        if (entry_print(json_object_array_get_idx(all, i)) < 0)
            return complain_memory();
    }
    return RESULT_DONE;
}

static int print_all_json(json_object *all)
{
    for (size_t i = 0; i < json_object_array_length(all); i++)
        if (entry_complete(json_object_array_get_idx(all, i)) < 0)
            return complain_memory();
    print_json(all);
    return RESULT_DONE;
}

/* --lines=: the newest ones, which are at the end. */
static void shorten(json_object *all)
{
    size_t n = json_object_array_length(all);

    if (options.lines > 0 && n > options.lines)
        json_object_array_del_idx(all, 0, n - options.lines);
}

int ctl_history(char **names)
{
    _cleanup_json_ json_object *all = json_object_new_array();
    int unread = 0, r = RESULT_DONE;

    if (!all)
        return complain_memory();
    STRV_FOREACH (name, names)
        unread |= add_history(all, *name);
    if (!*names)
        unread = add_all(all);
    json_object_array_sort(all, entry_compare);
    shorten(all);
    if (options.json != JSON_OFF)
        r = print_all_json(all);
    else if (json_object_array_length(all) > 0)
        r = *names ? print_blocks(all) : print_table(all);
    else if (!unread && !options.no_legend)
        puts("Nothing was migrated or recorded yet.");
    return unread ? RESULT_FAILED : r;
}
