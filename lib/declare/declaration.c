/* SPDX-License-Identifier: MIT */
/* Finds and frees declarations. Reads no files. */
#include "declare/declaration.h"

#include "declare/private.h"

bool declaration_name_is_valid(const char *name)
{
    size_t length = strlen(name);

    /* These endings are reserved: "a.ini.d" is the directory with the drop-ins of "a.ini". */
    if (endswith(name, ".ini") || endswith(name, ".ini.d"))
        return false;
    return length >= 1 && length <= DECLARATION_NAME_MAX && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               length;
}

static void items_free(Items *items)
{
    ARRAY_FOREACH (item, items->items, items->n_items)
        free(item->value);
    free(items->items);
}

bool items_contain(const Items *items, const char *value)
{
    ARRAY_FOREACH (item, items->items, items->n_items)
        if (streq(item->value, value))
            return true;
    return false;
}

int items_values(const Items *items, char ***list)
{
    int r = 0;

    ARRAY_FOREACH (item, items->items, items->n_items)
        if (r == 0)
            r = strv_append(list, item->value);
    return r;
}

static void unit_lines_free(UnitLines *lines)
{
    ARRAY_FOREACH (line, lines->items, lines->n_items) {
        free(line->key);
        free(line->value);
    }
    free(lines->items);
}

static void hooks_free(Hooks *hooks)
{
    const Command *command;
    const char *key;

    for (size_t i = 0; (command = hooks_command(hooks, i, &key)); i++)
        strv_free(command->argv);
    strv_free(hooks->warnings);
}

void migration_free(Migration *migration)
{
    free(migration->id);
    free(migration->file);
    for (size_t i = 0; i < migration->n_from; i++)
        version_range_free(&migration->from[i].range);
    free(migration->from);
    version_range_free(&migration->to);
    free(migration->description);
    hooks_free(&migration->up);
    hooks_free(&migration->down);
    free(migration->kept_in);
    free(migration->kept_on);
    *migration = (Migration){};
}

void declaration_free(Declaration *declaration)
{
    for (size_t i = 0; i < declaration->n_migrations; i++)
        migration_free(declaration->migrations + i);
    free(declaration->migrations);
    problems_free(&declaration->problems);
    items_free(&declaration->directories);
    items_free(&declaration->stamps);
    items_free(&declaration->within);
    items_free(&declaration->units);
    items_free(&declaration->old_units);
    items_free(&declaration->accepts);
    items_free(&declaration->former_names);
    items_free(&declaration->former_directories);
    items_free(&declaration->readable_by);
    items_free(&declaration->read_write_paths);
    items_free(&declaration->excludes);
    items_free(&declaration->approved);
    unit_lines_free(&declaration->unit_lines);
    unit_lines_free(&declaration->service_lines);
    hooks_free(&declaration->every_up);
    hooks_free(&declaration->init);
    strv_free(declaration->fresh_check.argv);
    strv_free(declaration->detect.argv);
    free(declaration->version.value);
    free(declaration->unversioned.value);
    free(declaration->migrations_of.value);
    free(declaration->user);
    free(declaration->group);
    free(declaration->user_unit);
    strv_free(declaration->user_directories);
    free(declaration->software);
    strv_free(declaration->files);
    free(declaration->file);
    free(declaration->name);
    *declaration = (Declaration){};
}

void declarations_free(Declarations *declarations)
{
    for (size_t i = 0; i < declarations->n_items; i++)
        declaration_free(declarations->items + i);
    free(declarations->items);
    problems_free(&declarations->problems);
    *declarations = (Declarations){};
}

static int compare_name(const void *key, const void *item)
{
    return strcmp(key, ((const Declaration *)item)->name);
}

Declaration *declarations_find(const Declarations *declarations, const char *name)
{
    if (declarations->n_items == 0)
        return NULL;
    return bsearch(name, declarations->items, declarations->n_items, sizeof(Declaration),
                   compare_name);
}

bool declaration_accepts(const Declaration *declaration, const char *version)
{
    return (declaration->version.value && streq(version, declaration->version.value)) ||
           items_contain(&declaration->accepts, version);
}
