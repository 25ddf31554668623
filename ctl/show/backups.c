/* SPDX-License-Identifier: MIT */
/* migratectl backups: lists the backups, newest first. */
#include "backup/pruning.h"
#include "basic/result.h"
#include "basic/time.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "show/backup-print.h"
#include "show/detail.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/table.h"

#include <fcntl.h>

typedef struct Shown {
    json_object *json; /* NULL: print a table */
    Table table;
    bool any, unread;
} Shown;

static void add_row(Table *table, const char *name, const Backup *backup)
{
    _cleanup_free_ char *when = backup->finished ? time_local_short(backup->finished) : NULL,
                        *age = backup_age(backup),
                        *size = backup->bytes >= 0 ? detail_size(backup->bytes) : NULL;

    table_row(table);
    table_cell(table, name, COLOUR_NONE);
    table_cell(table, backup->id, COLOUR_NONE);
    table_cell(table, backup->version, COLOUR_NONE);
    table_cell(table, backup->to, COLOUR_NONE);
    table_cell(table, when, COLOUR_NONE);
    table_cell(table, age, COLOUR_NONE);
    table_cell(table, size, COLOUR_NONE);
    table_cell(table, backup_generation(backup), COLOUR_NONE);
    table_cell(table, backup_state_words(backup->state), backup_colour(backup->state));
}

static int show(Shown *shown, const char *name, const Backups *backups)
{
    STRV_FOREACH (unreadable, backups->unreadable)
        complain("%s: %s", name, *unreadable);
    ARRAY_FOREACH (backup, backups->items, backups->n_items) {
        shown->any = true;
        if (!shown->json)
            add_row(&shown->table, name, backup);
        else {
            json_object *object = backup_to_json(name, backup);

            if (!object || json_object_array_add(shown->json, object) < 0) {
                json_object_put(object);
                return -ENOMEM;
            }
        }
    }
    return 0;
}

/* Prints the problems of backups, for which the table has no room. */
static void explain(const char *name, const Backups *backups)
{
    for (size_t i = 0; i < backups->n_items; i++)
        if (backups->items[i].what)
            complain("%s: %s: %s", name, backups->items[i].id, backups->items[i].what);
}

static int show_service(Shown *shown, const Declaration *declaration, const char *name)
{
    _cleanup_(backups_free) Backups backups = {};
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_strv_ char **bases = NULL;
    int r = store_open(options.root, name, false, &store);

    if (r == -ENOENT)
        return 0;
    if (r == 0 && !options.root)
        r = pruning_find_bases(declaration, &store, &bases);
    if (r == 0)
        r = backups_read(options.root, &store, bases, &backups);
    if (r == 0)
        r = show(shown, name, &backups);
    if (r == 0 && shown->json == NULL && !options.quiet)
        explain(name, &backups);
    if (r == 0 || r == -ENOMEM)
        return r;
    if (r == -EACCES)
        complain(
            "cannot list the backups of %s: only root can read them. Run: sudo migratectl backups",
            name);
    else
        complain("cannot list the backups of %s: %s", name, strerror(-r));
    shown->unread = true;
    return 0;
}

int backup_find_services(char ***ret)
{
    int r = stores_list(options.root, ret);

    if (r == -ENOMEM)
        complain_memory();
    else if (r == -EACCES)
        complain("cannot read " STORE_DIRECTORY ": only root can. Repeat the command with sudo");
    else if (r < 0)
        complain("cannot read " STORE_DIRECTORY ": %s", strerror(-r));
    return r;
}

static Result show_all(Shown *shown, char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    int r;

    r = read_declarations(&declarations);
    if (r != RESULT_DONE)
        return r;
    STRV_FOREACH (name, names) {
        if (show_service(shown, declarations_find(&declarations, *name), *name) < 0)
            return complain_memory();
    }
    return shown->unread ? RESULT_FAILED : RESULT_DONE;
}

int ctl_backups(char **names)
{
    static const Heading headings[] = {{"SERVICE", .shrinks = true},
                                       {"ID"},
                                       {"VERSION"},
                                       {"MIGRATED TO", .optional = true},
                                       {"WHEN", .optional = true},
                                       {"AGE", .right = true},
                                       {"SIZE", .right = true},
                                       {"GENERATION", .shrinks = true, .optional = true},
                                       {"STATE"}};
    _cleanup_strv_ char **all = NULL;
    Shown shown = {};
    Result r;

    if (!*names && backup_find_services(&all) < 0)
        return RESULT_FAILED;
    if (options.json != JSON_OFF) {
        shown.json = json_object_new_array();
        if (!shown.json)
            return complain_memory();
    } else
        table_begin(&shown.table, headings, ELEMENTSOF(headings));
    r = show_all(&shown, *names ? names : all);
    if (shown.json)
        print_json(shown.json);
    else if (shown.any)
        r = table_print(&shown.table) < 0 ? complain_memory() : r;
    else if (r == RESULT_DONE && !options.no_legend)
        print_line(0, "There are no backups.");
    json_object_put(shown.json);
    if (!shown.json)
        table_free(&shown.table);
    return r;
}
