/* SPDX-License-Identifier: MIT */
/* Reads declarations: merges drop-ins like systemd, parses the settings, and checks them. */
#include "declare/ini-file.h"
#include "declare/private.h"

/* The limit of settings. More settings are a mistake, or an attempt to stop the generator for the
 * other services. */
#define SETTINGS_MAX 1000

typedef struct FileContext {
    Declaration *declaration;
    Settings *settings;
    bool migration;
} FileContext;

static void settings_free(Settings *settings)
{
    ITEMS_FOREACH (setting, settings) {
        free(setting->key);
        free(setting->value);
    }
    free(settings->items);
    strv_free(settings->lost_units);
    strv_free(settings->lost_old_units);
}

static int section_find(const char *name)
{
    static const char *const names[N_SECTIONS] = {
        "State", "EveryUp", "MigrateUnit", "MigrateService", "Migration", "Up", "Down"};

    for (int i = 0; i < N_SECTIONS; i++)
        if (streq(names[i], name))
            return i;
    return -ENOENT;
}

static bool is_of_migration(int section)
{
    return section >= SECTION_MIGRATION;
}

static void settings_remove(Settings *settings, Section section, const char *key)
{
    size_t kept = 0;

    ITEMS_FOREACH (setting, settings)
        if (setting->section == section && streq(setting->key, key)) {
            free(setting->key);
            free(setting->value);
        } else
            settings->items[kept++] = *setting;
    settings->n_items = kept;
}

/* Merges an assignment. The last scalar wins, lists append, and an empty value resets. */
static int handle_assignment(const char *section_name, const char *key, const char *value,
                             Origin origin, void *userdata)
{
    FileContext *context = userdata;
    Settings *settings = context->settings;
    Problems *problems = &context->declaration->problems;
    int section = section_find(section_name), kind;
    Setting *added;
    char *key_copy, *value_copy;

    if (section < 0 || is_of_migration(section) != context->migration) {
        if (!key && section < 0)
            problem_add(problems, origin, "unknown section [%s]: see migrate.d(5)", section_name);
        else if (!key)
            problem_add(problems, origin, "[%s] belongs in %s: move it there", section_name,
                        is_of_migration(section) ? "NAME/MIGRATION.ini" : "NAME.ini");
        return 0;
    }
    if (!key) {
        settings->sections[section] = origin;
        return 0;
    }
    kind = setting_kind((Section)section, key);
    if (kind < 0) {
        problem_add(problems, origin, "unknown key '%s=' in [%s]: see migrate.d(5)", key,
                    section_name);
        return 0;
    }
    ITEMS_FOREACH (other, settings)
        if (kind == 0 && *value && other->section == (Section)section && streq(other->key, key) &&
            other->origin.file == origin.file) {
            problem_add(problems, origin, "%s= is already set in line %u: remove one of the lines",
                        key, other->origin.line);
            return 0;
        }
    if (kind == 0 || !*value)
        settings_remove(settings, (Section)section, key);
    if (!*value)
        return 0;
    if (settings->n_items == SETTINGS_MAX) {
        problem_add(problems, origin, "more than %d settings: remove some", SETTINGS_MAX);
        return -E2BIG;
    }
    key_copy = strdup(key);
    value_copy = strdup(value);
    added = key_copy && value_copy ? ARRAY_GROW(settings->items, settings->n_items) : NULL;
    if (!added) {
        free(key_copy);
        free(value_copy);
        return -ENOMEM;
    }
    *added = (Setting){(Section)section, key_copy, value_copy, origin};
    return 0;
}

/* Finds unit names in a file with invalid lines. These units must be held back even if the invalid
 * line is the section header, or a comment after their names. */
static int find_lost_units(const char *text, size_t size, Settings *settings)
{
    const char *end = text + size;

    for (const char *line = text, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        _cleanup_free_ char *copy = NULL;
        char *key, *equals;
        int r = 0;

        next = newline ? newline + 1 : end;
        copy = strndup(line, MIN((size_t)(next - line), 4096U));
        if (!copy)
            return -ENOMEM;
        equals = strchr(copy, '=');
        if (!equals)
            continue;
        *equals = '\0';
        key = strstrip_in_place(copy);
        if (streq(key, "Unit"))
            r = unit_names_find(equals + 1, &settings->lost_units);
        else if (streq(key, "OldUnit"))
            r = unit_names_find(equals + 1, &settings->lost_old_units);
        if (r < 0)
            return r;
    }
    return 0;
}

static void problem_add_unreadable(Problems *problems, Origin origin, int error)
{
    if (error == -EBADFD || error == -EISDIR)
        problem_add(problems, origin, "is not a regular file");
    else if (error == -ENOENT)
        problem_add(problems, origin,
                    "is a symbolic link to a file that does not exist: fix it, or link it to "
                    "/dev/null to mask the file");
    else if (error == -EFBIG)
        problem_add(problems, origin, "is larger than %u MiB: make it smaller",
                    FILE_SIZE_MAX >> 20);
    else
        problem_add(problems, origin, "cannot be read: %s", strerror(-error));
}

/* Extends the fingerprint of the preceding files by this file. */
static void extend_fingerprint(Declaration *declaration, const char *file, const char *text,
                               size_t size)
{
    Sha256 sha;

    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, declaration->fingerprint.hex);
    fingerprint_add_string(&sha, file);
    fingerprint_add(&sha, text, size);
    declaration->fingerprint = fingerprint_end(&sha);
}

/* Reads a file into the declaration. Returns 1, 0 if the file is masked (an empty file or a link to
 * /dev/null), or a negative errno. A file that cannot be read is a problem but returns 1, because
 * it may have declared anything. */
static int read_into(const Sources *sources, const Entry *entry, Declaration *declaration,
                     bool migration, Settings *settings)
{
    FileContext context = {declaration, settings, migration};
    char *file = entry_path(sources, entry);
    _cleanup_free_ char *text = NULL;
    size_t size = 0, known = declaration->problems.n_items;
    int r;

    r = strv_consume(&declaration->files, file);
    if (r < 0)
        return r;
    r = sources_read(sources, entry, &text, &size);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        problem_add_unreadable(&declaration->problems, (Origin){file, 0}, r);
        return 1;
    }
    if (size == 0)
        return 0;
    extend_fingerprint(declaration, file, text, size);
    r = ini_read(file, text, size, handle_assignment, &context, &declaration->problems);
    if (r == -E2BIG) /* already reported as a problem */
        r = 0;
    if (r == 0 && !migration &&
        (declaration->problems.n_items > known || problems_full(&declaration->problems)))
        r = find_lost_units(text, size, settings);
    return r < 0 ? r : 1;
}

/* Returns the id of a migration: "upgrade" for "app/upgrade.ini". */
static char *migration_id(const Entry *entry)
{
    const char *name = strrchr(entry->name, '/') + 1;

    return strndup(name, strlen(name) - strlen(".ini"));
}

static int read_migrations(const Sources *sources, Declaration *declaration)
{
    const char *of =
        declaration->migrations_of.value ? declaration->migrations_of.value : declaration->name;
    _cleanup_(entries_free) Entries entries = {};
    int r;

    r = sources_list(sources, of, &entries, &declaration->problems);
    for (size_t i = 0; r >= 0 && i < entries.n_items; i++) {
        const Entry *entry = entries.items + i;
        _cleanup_(settings_free) Settings settings = {};
        size_t known = declaration->problems.n_items;
        Migration *migration;

        r = read_into(sources, entry, declaration, true, &settings);
        if (r <= 0)
            continue;
        settings.complete = declaration->problems.n_items == known;
        migration = ARRAY_GROW(declaration->migrations, declaration->n_migrations);
        if (!migration)
            return -ENOMEM;
        migration->id = migration_id(entry);
        migration->file = entry_path(sources, entry);
        if (!migration->id || !migration->file)
            return -ENOMEM;
        r = migration_parse(declaration, migration, &settings);
    }
    if (r < 0)
        return r;
    if (declaration->migrations_of.value && declaration->n_migrations == 0)
        PROBLEM(declaration->migrations_of.origin,
                "Migrations=%s: there are no migrations of that name: correct it, or add them", of);
    return 0;
}

static int read_drop_ins(const Sources *sources, Declaration *declaration, Settings *settings)
{
    _cleanup_free_ char *sub = strprintf("%s.ini.d", declaration->name);
    _cleanup_(entries_free) Entries entries = {};
    int r;

    if (!sub)
        return -ENOMEM;
    r = sources_list(sources, sub, &entries, &declaration->problems);
    for (size_t i = 0; r >= 0 && i < entries.n_items; i++)
        r = read_into(sources, entries.items + i, declaration, false, settings);
    return r < 0 ? r : 0;
}

/* Reads NAME.ini, its drop-ins and its migrations. Returns 1, 0 if NAME is masked, or -ENOMEM. */
static int declaration_read(const Sources *sources, const Entry *entry, Declaration *ret)
{
    _cleanup_(settings_free) Settings settings = {};
    int r;

    ret->name = strndup(entry->name, strlen(entry->name) - strlen(".ini"));
    ret->file = entry_path(sources, entry);
    if (!ret->name || !ret->file)
        return -ENOMEM;
    ret->root_length = strlen(sources->root);
    r = read_into(sources, entry, ret, false, &settings);
    if (r <= 0)
        return r;
    r = read_drop_ins(sources, ret, &settings);
    if (r < 0)
        return r;
    /* An invalid line or an unreadable file may have declared Version=. */
    ret->enabled = declaration_is_broken(ret);
    settings.complete = !declaration_is_broken(ret);
    r = declaration_parse(ret, &settings);
    if (r == 0)
        r = read_migrations(sources, ret);
    if (r == 0)
        r = migrations_link(ret);
    return r < 0 ? r : 1;
}

/* Reports drop-ins without a declaration, because their author relies on a protection that does not
 * exist. */
static int check_orphan(const Sources *sources, const Entry *entry, Problems *problems)
{
    _cleanup_free_ char *main_name = strndup(entry->name, strlen(entry->name) - strlen(".d"));
    _cleanup_free_ char *path = entry_path(sources, entry);

    if (!main_name || !path)
        return -ENOMEM;
    if (!sources_find(sources, main_name))
        problem_add(problems, (Origin){path, 0},
                    "drop-ins for a declaration that does not exist: add %s, or remove them",
                    main_name);
    return 0;
}

/* Appends the declaration of NAME.ini, unless it is masked. */
static int read_one(const Sources *sources, const Entry *entry, Declarations *declarations)
{
    _cleanup_free_ char *name = strndup(entry->name, strlen(entry->name) - strlen(".ini"));
    _cleanup_free_ char *path = entry_path(sources, entry);
    Declaration *declaration;
    int r;

    if (!name || !path)
        return -ENOMEM;
    if (!declaration_name_is_valid(name)) {
        problem_add(&declarations->problems, (Origin){path, 0},
                    "'%s' is not a valid name of a declaration: use letters, digits, '_', '-' and "
                    "'.', at most %d characters, not ending in .ini or .ini.d",
                    name, DECLARATION_NAME_MAX);
        return 0;
    }
    declaration = ARRAY_GROW(declarations->items, declarations->n_items);
    if (!declaration)
        return -ENOMEM;
    r = declaration_read(sources, entry, declaration);
    if (r == 0) {
        declaration_free(declaration);
        declarations->n_items--;
    }
    return r < 0 ? r : 0;
}

static int compare_declarations(const void *a, const void *b)
{
    return strcmp(((const Declaration *)a)->name, ((const Declaration *)b)->name);
}

int declarations_read(const char *root, Declarations *ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(sources_close) Sources sources = SOURCES_NONE;
    const char *last = "";
    int r;

    r = sources_open(root, &sources, &declarations.problems);
    for (size_t i = 0; r == 0 && i < sources.names.n_items; i++) {
        const Entry *entry = sources.names.items + i;

        if (streq(entry->name, last)) /* skip the same name in a later directory */
            continue;
        last = entry->name;
        if (endswith(entry->name, ".ini"))
            r = read_one(&sources, entry, &declarations);
        else if (endswith(entry->name, ".ini.d"))
            r = check_orphan(&sources, entry, &declarations.problems);
    }
    /* Sorts again by name: "a-b.ini" sorts before "a.ini", but "a" before "a-b". */
    ARRAY_SORT(declarations.items, declarations.n_items, compare_declarations);
    if (r == 0)
        r = declarations_check(&declarations);
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(declarations);
    return 0;
}
