/* SPDX-License-Identifier: MIT */
/* migratectl prune: the helper removes backups that are not needed; --dry-run only shows them. */
#include "act/verbs.h"
#include "backup/pruning.h"
#include "look/common.h"
#include "look/helper.h"
#include "show/backups.h"
#include "show/detail.h"
#include "terminal/table.h"

/* --- --dry-run ----------------------------------------------------------------------------- */

static json_object *to_json(const char *name, const Backup *backup, BackupFate fate)
{
    json_object *object = backup_to_json(name, backup);

    if (!object)
        return NULL;
    json_add_boolean(object, "remove", backup_fate_removes(fate));
    json_add_text(object, "fate", backup_fate_name(fate));
    json_add_text(object, "reason", backup_fate_reason(fate));
    return object;
}

static void add_row(Table *table, const char *name, const Backup *backup, BackupFate fate)
{
    bool removes = backup_fate_removes(fate), left = backup_fate_leaves(fate);
    _cleanup_free_ char *age = backup_age(backup),
                        *size = backup->bytes >= 0 ? detail_size(backup->bytes) : NULL;

    table_row(table);
    table_cells(table, name, backup->id, backup->version, age, size);
    table_cell(table,
               removes ? "remove"
               : left  ? "leave"
                       : "keep",
               removes ? COLOUR_RED : COLOUR_NONE);
    table_cell(table, left && backup->what ? backup->what : backup_fate_reason(fate), COLOUR_NONE);
}

/* Adds the clone of a rehearsal, which is removed together with backups. */
static void add_rehearsal(Table *table, const char *name)
{
    table_row(table);
    table_cells(table, name, "(rehearsal)", NULL, NULL, NULL);
    table_cell(table, "remove", COLOUR_RED);
    table_cell(table, "the clone of a rehearsal, unless the rehearsal is running", COLOUR_NONE);
}

static Result judge(const Generations *generations, const char *name, Table *table,
                    json_object *all)
{
    _cleanup_(pruning_free) Pruning pruning = PRUNING_NONE;
    int r = pruning_look(generations, name, false, &pruning);

    if (r == -ENOENT)
        return RESULT_DONE;
    if (r < 0)
        return fail(RESULT_FAILED, "cannot list the backups of %s: %s", name, strerror(-r));
    if (pruning.unsure)
        complain("%s: cannot find out which versions are still declared: %s", name, pruning.unsure);
    STRV_FOREACH (unreadable, pruning.backups.unreadable)
        complain("%s: %s", name, *unreadable);
    for (size_t i = 0; i < pruning.backups.n_items; i++)
        if (!all)
            add_row(table, name, pruning.backups.items + i, pruning.fates[i]);
        else if (json_append(all, to_json(name, pruning.backups.items + i, pruning.fates[i])) < 0)
            return complain_memory();
    if (!all && store_has(&pruning.store, RECORD_REHEARSING))
        add_rehearsal(table, name);
    return RESULT_DONE;
}

static Result judge_all(char **names, Table *table, json_object *all)
{
    _cleanup_(generations_free) Generations generations = {};
    int result = RESULT_DONE, r;

    r = generations_read(NULL, &generations);
    if (r < 0)
        return fail(RESULT_FAILED, "cannot read the declarations: %s", strerror(-r));
    STRV_FOREACH (name, names) {
        r = judge(&generations, *name, table, all);
        result = result ? result : r;
    }
    return result;
}

static Result dry_run(char **names)
{
    static const Heading headings[] = {
        {"SERVICE", .shrinks = true}, {"ID"},     {"VERSION"},           {"AGE", .right = true},
        {"SIZE", .right = true},      {"ACTION"}, {"WHY", .wraps = true}};
    _cleanup_json_ json_object *all = NULL;
    _cleanup_(table_free) Table table = {};
    Result r;

    if (options.json != JSON_OFF) {
        all = json_object_new_array();
        if (!all)
            return complain_memory();
        r = judge_all(names, NULL, all);
        print_json(all);
        return r;
    }
    table_begin(&table, headings, ELEMENTSOF(headings));
    r = judge_all(names, &table, NULL);
    return table_print(&table) < 0 ? complain_memory() : r;
}

/* --- removing ------------------------------------------------------------------------------ */

/* Lets the helper recover an interrupted transaction, because a transaction in flight keeps every
 * backup. */
static int settle(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;

    if (store_open(NULL, name, false, &store) < 0 || !store_has(&store, RECORD_TRANSACTION))
        return RESULT_DONE;
    return helper_call("settle", name, NULL);
}

int ctl_prune(char **names)
{
    _cleanup_strv_ char **all = NULL;
    int result = require_root("prune");

    if (result != RESULT_DONE)
        return result;
    if (!*names && backup_find_services(&all) < 0)
        return RESULT_FAILED;
    if (options.dry_run)
        return dry_run(*names ? names : all);
    STRV_FOREACH (name, *names ? names : all) {
        int r = settle(*name);

        if (r == RESULT_DONE && *names)
            r = helper_call("prune", *name, NULL);
        result = result ? result : r;
    }
    if (!*names) {
        int r = helper_call("prune", NULL, NULL);

        result = result ? result : r;
    }
    return result;
}
