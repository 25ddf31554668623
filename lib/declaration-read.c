/* SPDX-License-Identifier: MIT */
/* Finds the declarations' files, merges drop-ins as systemd merges its own, and has them parsed.
 * Reads below the four directories only; writes nothing. */
#include "command.h"
#include "declaration-private.h"
#include "ini-file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

/* The first directory that has a file name wins. */
static const char *const directories[] = {
    "/etc/migrate.d",
    "/run/migrate.d",
    "/usr/local/lib/migrate.d",
    "/usr/lib/migrate.d",
};

/* Larger is a mistake or worse; the generator must not be kept from the others. */
#define FILE_SIZE_MAX (1U << 20)
#define SETTINGS_MAX  1000

/* One directory entry that counts: the first of that name. */
typedef struct Entry {
    char *name;
    unsigned directory; /* into directories */
} Entry;

typedef struct Entries {
    Entry *items;
    size_t n_items;
} Entries;

static void entries_free(Entries *entries)
{
    for (size_t i = 0; i < entries->n_items; i++)
        free(entries->items[i].name);
    free(entries->items);
}

static int compare_entries(const void *a, const void *b)
{
    const Entry *x = a, *y = b;
    int r = strcmp(x->name, y->name);

    return r ? r : (x->directory > y->directory) - (x->directory < y->directory);
}

bool declaration_name_is_valid(const char *name)
{
    size_t length = strlen(name);

    /* The migrations of "a.ini.d" would be the drop-ins of "a". */
    if (endswith(name, ".ini") || endswith(name, ".ini.d"))
        return false;
    return length >= 1 && length <= DECLARATION_NAME_MAX && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               length;
}

static char *path_below(const char *root, unsigned directory, const char *rest)
{
    return strprintf("%s%s%s%s", root ? root : "", directories[directory], *rest ? "/" : "", rest);
}

/* Lists DIRECTORY/SUB in all four, sorted by name, each name once. A directory that is there but
 * cannot be read goes to problems. */
static int list_entries(const char *root, const char *sub, const char *suffix, Entries *ret,
                        Problems *problems)
{
    _cleanup_(entries_free) Entries entries = {};
    size_t kept = 0;

    for (unsigned d = 0; d < ELEMENTSOF(directories); d++) {
        _cleanup_free_ char *path = path_below(root, d, sub);
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *de;

        if (!path)
            return -ENOMEM;
        dir = opendir(path);
        if (!dir) {
            if (errno == ENOMEM)
                return -ENOMEM;
            if (errno != ENOENT && errno != ENOTDIR)
                problem_add(problems, (Origin){path, 0}, "cannot be read: %s", strerror(errno));
            continue;
        }
        while (errno = 0, de = readdir(dir)) {
            Entry *entry;
            char *name;

            if (de->d_name[0] == '.' || !endswith(de->d_name, suffix))
                continue;
            name = strdup(de->d_name);
            entry = name ? ARRAY_GROW(entries.items, entries.n_items) : NULL;
            if (!entry) {
                free(name);
                return -ENOMEM;
            }
            *entry = (Entry){name, d};
        }
        if (errno)
            problem_add(problems, (Origin){path, 0}, "cannot be read: %s", strerror(errno));
    }
    if (entries.n_items > 0)
        qsort(entries.items, entries.n_items, sizeof(Entry), compare_entries);
    for (size_t i = 0; i < entries.n_items; i++)
        if (kept > 0 && streq(entries.items[kept - 1].name, entries.items[i].name))
            free(entries.items[i].name);
        else
            entries.items[kept++] = entries.items[i];
    entries.n_items = kept;
    *ret = entries;
    entries = (Entries){};
    return 0;
}

typedef struct FileContext {
    Declaration *declaration;
    Settings *settings;
    bool migration;
} FileContext;

void settings_free(Settings *settings)
{
    for (size_t i = 0; i < settings->n_items; i++) {
        free(settings->items[i].key);
        free(settings->items[i].value);
    }
    free(settings->items);
    strv_free(settings->lost_units);
    strv_free(settings->lost_old_units);
}

/* Which section is it, if it may stand in this kind of file? */
static int section_find(const char *name, bool migration)
{
    static const char *const names[N_SECTIONS] = {
        "State", "EveryUp", "MigrateUnit", "MigrateService", "Migration", "Up", "Down"};

    for (int i = 0; i < N_SECTIONS; i++)
        if (streq(names[i], name) && (i >= SECTION_MIGRATION) == migration)
            return i;
    return -ENOENT;
}

static void settings_remove(Settings *settings, Section section, const char *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < settings->n_items; i++)
        if (settings->items[i].section == section && streq(settings->items[i].key, key)) {
            free(settings->items[i].key);
            free(settings->items[i].value);
        } else
            settings->items[kept++] = settings->items[i];
    settings->n_items = kept;
}

/* The merge: later scalars win, lists append, an empty value resets. */
static int handle_assignment(const char *section_name, const char *key, const char *value,
                             Origin origin, void *userdata)
{
    FileContext *context = userdata;
    Settings *settings = context->settings;
    Problems *problems = &context->declaration->problems;
    int section = section_find(section_name, context->migration), kind;
    Setting *added;
    char *key_copy, *value_copy;

    if (section < 0) {
        if (!key)
            problem_add(problems, origin, "unknown section '[%s]' in this kind of file",
                        section_name);
        return 0;
    }
    if (!key) {
        settings->sections[section] = origin;
        return 0;
    }
    kind = setting_kind((Section)section, key);
    if (kind < 0) {
        problem_add(problems, origin, "unknown key '%s=' in [%s]", key, section_name);
        return 0;
    }
    for (size_t i = 0; kind == 0 && *value && i < settings->n_items; i++) {
        const Setting *other = settings->items + i;

        if (other->section == (Section)section && streq(other->key, key) &&
            other->origin.file == origin.file) {
            problem_add(problems, origin, "%s= stands here a second time, first in line %u", key,
                        other->origin.line);
            return 0;
        }
    }
    if (kind == 0 || !*value)
        settings_remove(settings, (Section)section, key);
    if (!*value)
        return 0;
    if (settings->n_items == SETTINGS_MAX) {
        problem_add(problems, origin, "more than %d settings", SETTINGS_MAX);
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

/* Opens a file of a declaration. An absolute link that comes from another root leads out of it. */
static int read_text(const char *path, char **ret, size_t *ret_size)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISCHR(st.st_mode)) {
        *ret = strdup(""); /* a link to /dev/null */
        *ret_size = 0;
        return *ret ? 0 : -ENOMEM;
    }
    return read_file_at(AT_FDCWD, path, FILE_SIZE_MAX, ret, ret_size);
}

/* In a file with lines that were not understood, what looks like Unit=: the units have to be held
 * back even where a comment behind their names, or the section's header, is what is wrong. */
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

/* 1: read, 0: masked (an empty file or a link to /dev/null), or a negative errno. What cannot be
 * read is a problem of the declaration and counts as read: nobody knows what it would have said. */
static int read_into(Declaration *declaration, const char *path, bool migration, Settings *settings)
{
    FileContext context = {declaration, settings, migration};
    _cleanup_free_ char *text = NULL;
    size_t size = 0;
    size_t known = declaration->problems.n_items;
    const char *file;
    int r;

    r = strv_append(&declaration->files, path);
    if (r < 0)
        return r;
    file = declaration->files[strv_length(declaration->files) - 1];
    r = read_text(path, &text, &size);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        problem_add(&declaration->problems, (Origin){file, 0}, "cannot be read: %s", strerror(-r));
        return 1;
    }
    if (size == 0)
        return 0;
    declaration->fingerprint = hash_string(declaration->fingerprint, path);
    declaration->fingerprint = hash_bytes(declaration->fingerprint, text, size);
    r = ini_read(file, text, size, handle_assignment, &context, &declaration->problems);
    if (r == -E2BIG) /* has been said */
        r = 0;
    if (r == 0 && !migration &&
        (declaration->problems.n_items > known || problems_full(&declaration->problems)))
        r = find_lost_units(text, size, settings);
    return r < 0 ? r : 1;
}

static int read_migrations(const char *root, Declaration *declaration)
{
    const char *of =
        declaration->migrations_of.value ? declaration->migrations_of.value : declaration->name;
    _cleanup_(entries_free) Entries entries = {};
    int r;

    r = list_entries(root, of, ".ini", &entries, &declaration->problems);
    if (r < 0)
        return r;
    for (size_t i = 0; i < entries.n_items; i++) {
        const Entry *entry = entries.items + i;
        _cleanup_free_ char *rest = strprintf("%s/%s", of, entry->name);
        _cleanup_free_ char *path = rest ? path_below(root, entry->directory, rest) : NULL;
        _cleanup_(settings_free) Settings settings = {};
        size_t known = declaration->problems.n_items;
        Migration *migration;

        if (!path)
            return -ENOMEM;
        r = read_into(declaration, path, true, &settings);
        if (r < 0)
            return r;
        if (r == 0)
            continue;
        settings.complete = declaration->problems.n_items == known;
        migration = ARRAY_GROW(declaration->migrations, declaration->n_migrations);
        if (!migration)
            return -ENOMEM;
        migration->id = strndup(entry->name, strlen(entry->name) - strlen(".ini"));
        migration->file = strdup(path);
        if (!migration->id || !migration->file)
            return -ENOMEM;
        r = migration_parse(declaration, migration, &settings);
        if (r < 0)
            return r;
    }
    if (declaration->migrations_of.value && declaration->n_migrations == 0)
        problem_add(&declaration->problems, declaration->migrations_of.origin,
                    "Migrations=%s: no migrations of that name are there", of);
    return 0;
}

static int read_drop_ins(const char *root, Declaration *declaration, Settings *settings)
{
    _cleanup_free_ char *sub = strprintf("%s.ini.d", declaration->name);
    _cleanup_(entries_free) Entries entries = {};
    int r;

    if (!sub)
        return -ENOMEM;
    r = list_entries(root, sub, ".ini", &entries, &declaration->problems);
    if (r < 0)
        return r;
    for (size_t i = 0; i < entries.n_items; i++) {
        _cleanup_free_ char *rest = strprintf("%s/%s", sub, entries.items[i].name);
        _cleanup_free_ char *path =
            rest ? path_below(root, entries.items[i].directory, rest) : NULL;

        if (!path)
            return -ENOMEM;
        r = read_into(declaration, path, false, settings);
        if (r < 0)
            return r;
    }
    return 0;
}

static void declaration_free(Declaration *declaration);

/* Reads NAME.ini, its drop-ins and migrations. 1, or 0 where NAME is masked. */
static int declaration_read(const char *root, const Entry *entry, Declaration *ret)
{
    _cleanup_(settings_free) Settings settings = {};
    int r;

    ret->fingerprint = HASH_INIT;
    ret->name = strndup(entry->name, strlen(entry->name) - strlen(".ini"));
    ret->file = path_below(root, entry->directory, entry->name);
    if (!ret->name || !ret->file)
        return -ENOMEM;
    ret->root_length = root ? strlen(root) : 0;
    r = read_into(ret, ret->file, false, &settings);
    if (r <= 0)
        return r;
    r = read_drop_ins(root, ret, &settings);
    if (r < 0)
        return r;
    /* A line that was not understood, an unknown key, a file that cannot be read: it may have been
     * the Version= that somebody relies on. */
    ret->enabled = declaration_is_broken(ret);
    settings.complete = !declaration_is_broken(ret);
    r = declaration_parse(ret, &settings);
    if (r == 0)
        r = read_migrations(root, ret);
    if (r == 0)
        r = migrations_link(ret);
    return r < 0 ? r : 1;
}

/* Drop-ins for a name that nothing declares: somebody believes that a service is protected. */
static int find_orphans(const char *root, Declarations *declarations)
{
    _cleanup_(entries_free) Entries entries = {};
    int r;

    r = list_entries(root, "", ".ini.d", &entries, &declarations->problems);
    for (size_t i = 0; r == 0 && i < entries.n_items; i++) {
        const Entry *entry = entries.items + i;
        _cleanup_free_ char *main_name = strndup(entry->name, strlen(entry->name) - strlen(".d"));
        _cleanup_free_ char *path = path_below(root, entry->directory, entry->name);
        bool found = false;

        if (!main_name || !path)
            return -ENOMEM;
        for (unsigned d = 0; d < ELEMENTSOF(directories); d++) {
            _cleanup_free_ char *main_path = path_below(root, d, main_name);
            struct stat st;

            if (!main_path)
                return -ENOMEM;
            found = found || lstat(main_path, &st) == 0;
        }
        if (!found)
            problem_add(&declarations->problems, (Origin){path, 0},
                        "drop-ins for a declaration that does not exist: there is no %s",
                        main_name);
    }
    return r;
}

static int compare_declarations(const void *a, const void *b)
{
    return strcmp(((const Declaration *)a)->name, ((const Declaration *)b)->name);
}

int declarations_read(const char *root, Declarations *ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(entries_free) Entries entries = {};
    int r;

    r = list_entries(root, "", ".ini", &entries, &declarations.problems);
    if (r < 0)
        return r;
    for (size_t i = 0; i < entries.n_items; i++) {
        const Entry *entry = entries.items + i;
        Declaration *declaration;
        _cleanup_free_ char *name = strndup(entry->name, strlen(entry->name) - strlen(".ini"));

        if (!name)
            return -ENOMEM;
        if (!declaration_name_is_valid(name)) {
            _cleanup_free_ char *path = path_below(root, entry->directory, entry->name);

            if (!path)
                return -ENOMEM;
            problem_add(&declarations.problems, (Origin){path, 0},
                        "'%s' is no name for a declaration: letters, digits, '_', '-', '.', at "
                        "most %d, not "
                        "ending in .ini or .ini.d",
                        name, DECLARATION_NAME_MAX);
            continue;
        }
        declaration = ARRAY_GROW(declarations.items, declarations.n_items);
        if (!declaration)
            return -ENOMEM;
        r = declaration_read(root, entry, declaration);
        if (r < 0)
            return r;
        if (r == 0) {
            declaration_free(declaration);
            declarations.n_items--;
        }
    }
    if (declarations.n_items > 0) /* "a-b.ini" sorts before "a.ini", but "a" before "a-b" */
        qsort(declarations.items, declarations.n_items, sizeof(Declaration), compare_declarations);
    r = find_orphans(root, &declarations);
    if (r == 0)
        r = declarations_check(&declarations);
    if (r < 0)
        return r;
    *ret = declarations;
    declarations = (Declarations){};
    return 0;
}

static void items_free(Items *items)
{
    for (size_t i = 0; i < items->n_items; i++)
        free(items->items[i].value);
    free(items->items);
}

static void unit_lines_free(UnitLines *lines)
{
    for (size_t i = 0; i < lines->n_items; i++) {
        free(lines->items[i].key);
        free(lines->items[i].value);
    }
    free(lines->items);
}

static void hooks_free(Hooks *hooks)
{
    strv_free(hooks->script.argv);
    strv_free(hooks->check.argv);
    strv_free(hooks->verify.argv);
    strv_free(hooks->post.argv);
    strv_free(hooks->warnings);
}

static void migration_free(Migration *migration)
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
}

static void declaration_free(Declaration *declaration)
{
    for (size_t i = 0; i < declaration->n_migrations; i++)
        migration_free(declaration->migrations + i);
    free(declaration->migrations);
    problems_free(&declaration->problems);
    items_free(&declaration->directories);
    items_free(&declaration->units);
    items_free(&declaration->old_units);
    items_free(&declaration->accepts);
    items_free(&declaration->read_write_paths);
    items_free(&declaration->approved);
    unit_lines_free(&declaration->unit_lines);
    unit_lines_free(&declaration->service_lines);
    hooks_free(&declaration->every_up);
    strv_free(declaration->fresh_check.argv);
    strv_free(declaration->detect.argv);
    free(declaration->version.value);
    free(declaration->unversioned.value);
    free(declaration->migrations_of.value);
    free(declaration->user);
    free(declaration->group);
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
    if (declaration->version.value && streq(version, declaration->version.value))
        return true;
    for (size_t i = 0; i < declaration->accepts.n_items; i++)
        if (streq(version, declaration->accepts.items[i].value))
            return true;
    return false;
}
