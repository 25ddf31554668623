/* SPDX-License-Identifier: MIT */
/* Finds, frees and queries declarations. Reads no files. */
#include "declare/declaration.h"

#include "declare/private.h"

bool declaration_name_is_valid(const char *name)
{
    size_t length = strlen(name);

    /* These endings are reserved: "a.ini.d" is the directory with the drop-ins of "a.ini". */
    if (endswith(name, ".ini") || endswith(name, ".ini.d"))
        return false;
    return length >= 1 && length <= DECLARATION_NAME_MAX && name[0] != '.' && name[0] != '-' &&
           !name[strspn(name, LETTERS DIGITS "_.-")];
}

static void items_free(Items *items)
{
    ITEMS_FOREACH (item, items)
        free(item->value);
    free(items->items);
}

bool items_contain(const Items *items, const char *value)
{
    ITEMS_FOREACH (item, items)
        if (streq(item->value, value))
            return true;
    return false;
}

const char *declaration_user(const Declaration *declaration, size_t i, bool *ret_old)
{
    const Items *lists[] = {&declaration->units, &declaration->activated, &declaration->old_units};

    for (size_t l = 0; l < ELEMENTSOF(lists); l++)
        for (size_t j = 0; j < lists[l]->n_items; j++)
            if (unit_is_user(lists[l]->items[j].value) && i-- == 0) {
                if (ret_old)
                    *ret_old = l == 2;
                return lists[l]->items[j].value;
            }
    return NULL;
}

bool declaration_awaits(const Declaration *declaration, const char *unit)
{
    const char *first = declaration_user(declaration, 0, NULL);
    const Items *awaited = first && items_contain(&declaration->units, first)
                               ? &declaration->units
                               : &declaration->activated;

    return items_contain(awaited, unit);
}

int items_values(const Items *items, char ***list)
{
    int r = 0;

    ITEMS_FOREACH (item, items)
        if (r == 0)
            r = strv_append(list, item->value);
    return r;
}

static void unit_lines_free(UnitLines *lines)
{
    ITEMS_FOREACH (line, lines) {
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
    ARRAY_FOREACH (from, migration->from, migration->n_from)
        version_range_free(&from->range);
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
    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations)
        migration_free(migration);
    free(declaration->migrations);
    problems_free(&declaration->problems);
    items_free(&declaration->directories);
    items_free(&declaration->stamps);
    items_free(&declaration->within);
    items_free(&declaration->units);
    items_free(&declaration->old_units);
    items_free(&declaration->activated);
    items_free(&declaration->lasting);
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
    ITEMS_FOREACH (declaration, declarations)
        declaration_free(declaration);
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

/* Returns why a clone does not protect the changes of these hooks, or NULL. */
static const char *uncovered(const Declaration *declaration, const Hooks *hooks)
{
    if (hooks->external)
        return "External=yes";
    if (declaration->enabled && declaration->directories.n_items == 0)
        return "a state without Directory=";
    return declaration->protect == PROTECT_HOOKS ? "Protect=hooks" : NULL;
}

const char *hooks_unprotected(const Declaration *declaration, const Hooks *hooks)
{
    const char *why = uncovered(declaration, hooks);

    return why && hooks->script.argv && !(hooks->backup.argv && hooks->restore.argv) &&
                   !hooks->warnings
               ? why
               : NULL;
}

const Command *hooks_command(const Hooks *hooks, size_t i, const char **ret_key)
{
    /* attempt_fingerprint() depends on this order. */
    const struct {
        const char *key;
        const Command *command;
    } all[] = {{"Check", &hooks->check},     {"Script", &hooks->script}, {"Backup", &hooks->backup},
               {"Restore", &hooks->restore}, {"Verify", &hooks->verify}, {"Post", &hooks->post}};

    if (i == ELEMENTSOF(all))
        return NULL;
    *ret_key = all[i].key;
    return all[i].command;
}
