/* SPDX-License-Identifier: MIT */
/* migratectl backups: lists the backups, newest first. */
#include "show/backups.h"

#include "backup/pruning.h"
#include "look/common.h"
#include "show/detail.h"
#include "show/verbs.h"
#include "terminal/table.h"

#include <inttypes.h>

char *backup_age(const Backup *backup)
{
    static const struct {
        uint64_t seconds;
        const char *one, *many;
    } units[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}, {1, "s", "s"}};
    uint64_t now = time_now(), when = backup->when, seconds;
    size_t u = 0;

    if (when == 0)
        return NULL;
    seconds = now > when ? (now - when) / 1000000 : 0;
    while (u + 1 < ELEMENTSOF(units) && seconds < units[u].seconds * (u == 0 ? 2 : 1))
        u++;
    seconds /= units[u].seconds;
    return strprintf("%" PRIu64 " %s", seconds, seconds == 1 ? units[u].one : units[u].many);
}

static const char *generation_of(const Backup *backup)
{
    const char *slash = backup->generation ? strrchr(backup->generation, '/') : NULL;

    return slash && slash[1] ? slash + 1 : backup->generation;
}

static const char *state_words(BackupState state)
{
    switch (state) {
    case BACKUP_WHOLE:
        return "whole";
    case BACKUP_FOREIGN:
        return "of another system";
    case BACKUP_HOOKS:
        return "kept by hooks";
    case BACKUP_REMOVING:
        return "half removed";
    case BACKUP_FAILED:
        return "failed clone";
    case BACKUP_IN_FLIGHT:
        return "in flight";
    default:
        return backup_state_name(state);
    }
}

static Colour colour_of(BackupState state)
{
    switch (state) {
    case BACKUP_WHOLE:
    case BACKUP_HOOKS:
        return COLOUR_GREEN;
    case BACKUP_DAMAGED:
        return COLOUR_RED;
    case BACKUP_FOREIGN:
    case BACKUP_INCOMPLETE:
    case BACKUP_UNKNOWN:
        return COLOUR_YELLOW;
    default:
        return COLOUR_NONE;
    }
}

static json_object *places_to_json(const Backup *backup)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < backup->n_places; i++) {
        const BackupPlace *place = backup->places + i;
        _cleanup_free_ char *path =
            strprintf("%s/backups/%s/%s", place->base, backup->id, place->entry);
        json_object *object = json_object_new_object();

        json_add_text(object, "directory", place->directory);
        json_add_text(object, "path", path);
        json_add_boolean(object, "there", place->there);
        json_object_array_add(array, object);
    }
    return array;
}

json_object *backup_to_json(const char *name, const Backup *backup)
{
    json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    json_add_text(object, "service", name);
    json_add_text(object, "id", backup->id);
    json_add_text(object, "state", backup_state_name(backup->state));
    json_add_text(object, "version", backup->version);
    json_add_text(object, "to", backup->to);
    json_add_text(object, "action", backup->action);
    json_add_text(object, "finished", backup->finished);
    json_add_number(object, "bytes", backup->bytes);
    json_add_number(object, "files", backup->files);
    json_add_text(object, "generation", backup->generation);
    json_add_text(object, "boot", backup->boot);
    json_object_object_add(object, "places", places_to_json(backup));
    json_add_text(object, "what", backup->what);
    json_add_boolean(object, "found", backup->found);
    return object;
}
/* --- the list --------------------------------------------------------------------------------- */

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
    table_cells(table, name, backup->id, backup->version, backup->to, when, age, size,
                generation_of(backup));
    table_cell(table,
               backup->found && backup->state == BACKUP_WHOLE ? "whole, not in the store"
                                                              : state_words(backup->state),
               colour_of(backup->state));
}

static int show(Shown *shown, const char *name, const Backups *backups)
{
    STRV_FOREACH (unreadable, backups->unreadable)
        complain("%s: %s", name, *unreadable);
    ARRAY_FOREACH (backup, backups->items, backups->n_items) {
        shown->any = true;
        if (!shown->json)
            add_row(&shown->table, name, backup);
        else if (json_append(shown->json, backup_to_json(name, backup)) < 0)
            return -ENOMEM;
    }
    return 0;
}

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
    int r = store_open(options.root, name, false, &store);

    if (r == 0 || r == -ENOENT)
        r = backups_look(options.root, declaration, &store, &backups);
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
    _cleanup_(declarations_free) Declarations declarations = {};
    int r = stores_list(options.root, ret);

    if (r == 0)
        r = declarations_read(options.root, &declarations);
    for (size_t i = 0; r == 0 && i < declarations.n_items; i++)
        r = strv_append_once(ret, declarations.items[i].name);
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
