/* SPDX-License-Identifier: MIT */
/* Parses settings into the model, and checks one declaration as a whole. Reads no files. */
#include "declare/private.h"

static int parse_section(Declaration *declaration, const Settings *settings, Section section,
                         void *target)
{
    int r = 0;

    ITEMS_FOREACH (setting, settings)
        if (r == 0 && setting->section == section)
            r = setting_parse(declaration, setting, target);
    return r;
}

static int parse_hooks(Declaration *declaration, const Settings *settings, Section section,
                       Hooks *hooks)
{
    hooks->present = settings->sections[section].file;
    hooks->origin = settings->sections[section];
    hooks->timeout_usec = UINT64_MAX;
    return parse_section(declaration, settings, section, hooks);
}

static int parse_unit_lines(Declaration *declaration, const Settings *settings, Section section,
                            UnitLines *lines)
{
    ITEMS_FOREACH (setting, settings) {
        UnitLine line = {.origin = setting->origin}, *added;
        const char *refused;

        if (setting->section != section)
            continue;
        refused =
            unit_line_refused(section == SECTION_MIGRATE_SERVICE, setting->key, setting->value);
        if (refused) {
            PROBLEM(setting->origin, "%s=%s in [%s] %s", setting->key, setting->value,
                    section == SECTION_MIGRATE_SERVICE ? "MigrateService" : "MigrateUnit", refused);
            continue;
        }
        if (streq(setting->key, "DefaultDependencies")) {
            int r = parse_boolean(setting->value);

            if (r < 0)
                PROBLEM(setting->origin, "DefaultDependencies=%s is not a boolean: use yes or no",
                        setting->value);
            declaration->early = r == 0;
            continue; /* the generated unit has explicit dependencies */
        }
        line.key = strdup(setting->key);
        line.value = strdup(setting->value);
        added = line.key && line.value ? ARRAY_GROW(lines->items, lines->n_items) : NULL;
        if (!added) {
            free(line.key);
            free(line.value);
            return -ENOMEM;
        }
        *added = line;
    }
    return 0;
}

static void check_directories(Declaration *declaration)
{
    ITEMS_FOREACH (item, &declaration->directories) {
        if (path_is_within(item->value, STORE_DIRECTORY) ||
            path_is_within(STORE_DIRECTORY, item->value))
            PROBLEM(item->origin,
                    "Directory=%s overlaps systemd-migrate's own " STORE_DIRECTORY
                    ": use another directory",
                    item->value);
        ITEMS_FOREACH (other, &declaration->directories)
            if (streq(item->value, other->value)) {
                if (other < item)
                    PROBLEM(item->origin, "Directory=%s is declared twice: remove one of the lines",
                            item->value);
            } else if (path_is_within(item->value, other->value))
                PROBLEM(item->origin, "Directory=%s is below Directory=%s: declare only the latter",
                        item->value, other->value);
    }
}

/* Sets the directories with a stamp: all directories, or the store in their place. */
static int find_stamps(Declaration *declaration)
{
    if (declaration->directories.n_items == 0)
        declaration->stamp_in_store = true;
    declaration->n_own_stamps = 1;
    if (declaration->stamp_in_store) {
        _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", declaration->name);

        return store ? item_add(&declaration->stamps, store, (Origin){declaration->file, 0})
                     : -ENOMEM;
    }
    ITEMS_FOREACH (item, &declaration->directories) {
        int r = item_add(&declaration->stamps, item->value, item->origin);

        if (r < 0)
            return r;
    }
    declaration->n_own_stamps = declaration->stamps.n_items;
    return 0;
}

/* Checks a state without directories: only hooks protect it, and scripts have no owner to run
 * as. */
static void check_protection(Declaration *declaration)
{
    Origin whole = {declaration->file, 0};
    bool none = declaration->directories.n_items == 0;

    if (none && declaration->protect == PROTECT_IN_PLACE)
        PROBLEM(whole,
                "Protect=in-place without Directory= has nothing to clone: add Directory=, or use "
                "Protect=hooks");
    if (none && declaration->enabled && !declaration->user)
        PROBLEM(whole, "neither Directory= nor User= says whom scripts run as: add one of them");
    if (none && declaration->self_migrating)
        PROBLEM(whole, "SelfMigrating=yes without Directory= keeps no original: add Directory=");
    else if (declaration->self_migrating && declaration->protect == PROTECT_HOOKS)
        PROBLEM(whole, "SelfMigrating=yes with Protect=hooks keeps no original: remove Protect=");
    if (none && declaration->init.script.argv)
        PROBLEM(declaration->init.script.origin,
                "Init= without Directory= has no place to create a state in: add Directory=");
}

static int check_globs(Declaration *declaration)
{
    ITEMS_FOREACH (directory, &declaration->stamps) {
        _cleanup_free_ char *glob = NULL;
        int r = declaration_glob(declaration, directory->value, &glob);

        if (r == -E2BIG)
            PROBLEM(directory->origin,
                    "Directory=%s with %zu accepted versions needs an assertion that is too long "
                    "for systemd (at most %d bytes, %d between two slashes): accept fewer "
                    "versions, or use a shorter path",
                    directory->value, declaration->accepts.n_items + 1, CONDITION_PATH_MAX,
                    CONDITION_COMPONENT_MAX);
        else if (r < 0)
            return r;
    }
    return 0;
}

static void check_former(Declaration *declaration)
{
    const Items *paths = &declaration->former_directories, *directories = &declaration->directories;

    ITEMS_FOREACH (name, &declaration->former_names)
        if (streq(name->value, declaration->name))
            PROBLEM(name->origin, "FormerName=%s is the present name: remove the line",
                    name->value);
    if (paths->n_items > 0 && directories->n_items != 1)
        PROBLEM(
            paths->items[0].origin,
            "FormerDirectory= needs a state with one Directory=, and this state has %zu: remove "
            "FormerDirectory=",
            directories->n_items);
    for (size_t i = 0; directories->n_items == 1 && i < paths->n_items; i++) {
        const char *path = paths->items[i].value, *directory = directories->items[0].value;

        if (path_is_within(path, STORE_DIRECTORY))
            PROBLEM(paths->items[i].origin,
                    "FormerDirectory=%s is systemd-migrate's own: use another directory", path);
        else if (path_is_within(path, directory) || path_is_within(directory, path))
            PROBLEM(paths->items[i].origin,
                    "FormerDirectory=%s overlaps Directory=%s: use another directory", path,
                    directory);
    }
}

static void check_readers(Declaration *declaration)
{
    const Items *readers = &declaration->readable_by;
    const char *version = declaration->version.value;

    /* With several stamps, a mixture of versions could pass, as with Accepts=. */
    if (readers->n_items > 0 && declaration->stamps.n_items > 1)
        PROBLEM(readers->items[0].origin,
                "ReadableBy= with several Directory= would accept a mixture of versions: add "
                "Stamp=store");
    if (readers->n_items > 0 && declaration->within.n_items > 0)
        PROBLEM(readers->items[0].origin,
                "ReadableBy= with Within= would accept a mixture of versions: remove one of the "
                "two");
    ITEMS_FOREACH (reader, readers)
        if (version && version_compare(reader->value, version) >= 0)
            PROBLEM(reader->origin, "ReadableBy=%s is not older than Version=%s: remove it",
                    reader->value, version);
}

/* Refuses keys that accept several versions if there are several stamps. Each stamp has an
 * assertion of its own, so a mixture of accepted versions would pass. */
static void check_mixtures(Declaration *declaration)
{
    Origin whole = {declaration->file, 0};
    const Items *accepts = &declaration->accepts, *within = &declaration->within;

    if (accepts->n_items > 0 && declaration->stamps.n_items > 1)
        PROBLEM(accepts->items[0].origin,
                "Accepts= with several Directory= would accept a mixture of versions: add "
                "Stamp=store");
    if (declaration->self_migrating && declaration->stamps.n_items > 1)
        PROBLEM(whole,
                "SelfMigrating=yes with several Directory= would accept a mixture of versions: add "
                "Stamp=store");
    if (within->n_items > 0 && declaration->self_migrating)
        PROBLEM(within->items[0].origin,
                "Within= with SelfMigrating=yes would accept a mixture of versions: remove one of "
                "the two");
    else if (within->n_items > 0 && accepts->n_items > 0)
        PROBLEM(within->items[0].origin,
                "Within= with Accepts= would accept a mixture of versions: remove one of the two");
}

static void check_old_units(Declaration *declaration)
{
    ITEMS_FOREACH (unit, &declaration->old_units)
        if (items_contain(&declaration->units, unit->value))
            PROBLEM(unit->origin, "OldUnit=%s is also a Unit=: remove one of the lines",
                    unit->value);
}

/* Is the path in a .migrate directory, which belongs to systemd-migrate? */
static bool is_ours(const char *path)
{
    _cleanup_free_ char *slashed = strprintf("%s/", path);

    return slashed && strstr(slashed, "/.migrate/");
}

static bool is_part(const Declaration *declaration, const char *path)
{
    ITEMS_FOREACH (directory, &declaration->directories)
        if (path_is_within(path, directory->value) && !streq(path, directory->value))
            return true;
    return false;
}

/* Returns another Exclude= that already covers item. */
static const Item *find_other(const Declaration *declaration, const Item *item)
{
    ITEMS_FOREACH (other, &declaration->excludes)
        if (path_is_within(item->value, other->value) && is_part(declaration, other->value) &&
            (other < item || !streq(item->value, other->value)))
            return other;
    return NULL;
}

static void check_exclude(Declaration *declaration, const Item *item)
{
    const Item *other = find_other(declaration, item);

    if (!is_part(declaration, item->value))
        PROBLEM(item->origin,
                "Exclude=%s is not below a Directory= of this state: remove it, or declare that "
                "directory",
                item->value);
    else if (is_ours(item->value))
        PROBLEM(item->origin,
                "Exclude=%s belongs to systemd-migrate and is not part of the state: remove it",
                item->value);
    else if (other && streq(item->value, other->value))
        PROBLEM(item->origin, "Exclude=%s is declared twice: remove one of the lines", item->value);
    else if (other)
        PROBLEM(item->origin, "Exclude=%s is below Exclude=%s: declare only the latter",
                item->value, other->value);
}

static void hooks_check(Declaration *declaration, const Hooks *hooks, const char *section)
{
    const char *why = hooks_unprotected(declaration, hooks);

    if (!hooks->present)
        return;
    if (hooks->restore.argv && !hooks->script.argv)
        PROBLEM(hooks->restore.origin,
                "Restore= without Script= has nothing to undo: add Script=, or remove Restore=");
    if (hooks->backup.argv && !hooks->script.argv)
        PROBLEM(hooks->backup.origin,
                "Backup= without Script= has no use: add Script=, or remove Backup=");
    if (why)
        PROBLEM(hooks->origin,
                "[%s] changes what no clone protects (%s): add Backup= and Restore=, or a Warn= "
                "that says what cannot be undone",
                section, why);
}

static int parse_sections(Declaration *declaration, const Settings *settings)
{
    int r;

    declaration->copy_limit = COPY_LIMIT_DEFAULT;
    declaration->keep = KEEP_DEFAULT;
    declaration->keep_for_usec = KEEP_FOR_DEFAULT;
    declaration->init.timeout_usec = UINT64_MAX;
    declaration->max_skip = MAX_SKIP_ANY;
    ITEMS_FOREACH (setting, settings)
        if (setting->section == SECTION_STATE && streq(setting->key, "Version"))
            declaration->enabled = true; /* even if the version is not valid */
    r = parse_section(declaration, settings, SECTION_STATE, declaration);
    if (r == 0)
        r = parse_hooks(declaration, settings, SECTION_EVERY_UP, &declaration->every_up);
    if (r == 0)
        r = parse_unit_lines(declaration, settings, SECTION_MIGRATE_UNIT, &declaration->unit_lines);
    if (r == 0)
        r = parse_unit_lines(declaration, settings, SECTION_MIGRATE_SERVICE,
                             &declaration->service_lines);
    if (declaration->self_migrating) /* the software itself fills the gaps */
        declaration->gaps = GAPS_ALLOW;
    return r;
}

/* Adds the units from lines that may be invalid, and the default unit. */
static int complete_units(Declaration *declaration, const Settings *settings)
{
    Origin whole = {declaration->file, 0};
    _cleanup_free_ char *unit = NULL;
    int r = items_add_missing(&declaration->units, &declaration->old_units, settings->lost_units,
                              whole);

    if (r < 0 || declaration->units.n_items > 0)
        return r;
    unit = strprintf("%s.service", declaration->name);
    return unit ? item_add(&declaration->units, unit, whole) : -ENOMEM;
}

static bool says_early(const Settings *settings)
{
    ARRAY_FOREACH (setting, settings->items, settings->n_items)
        if (setting->section == SECTION_MIGRATE_UNIT && streq(setting->key, "DefaultDependencies"))
            return true;
    return false;
}

int declaration_parse(Declaration *declaration, const Settings *settings)
{
    Origin whole = {declaration->file, 0};
    size_t known = declaration->problems.n_items;
    bool valid;
    int r = parse_sections(declaration, settings);

    if (r < 0)
        return r;
    if (!settings->sections[SECTION_STATE].file && settings->complete)
        PROBLEM(whole, "no [State] section: add it");
    r = complete_units(declaration, settings);
    if (r == 0)
        r = find_stamps(declaration);
    if (r < 0)
        return r;
    if (settings->complete && declaration->problems.n_items == known) {
        check_protection(declaration);
        hooks_check(declaration, &declaration->every_up, "EveryUp");
    }
    valid = settings->complete && declaration->problems.n_items == known;
    if (valid && declaration->every_up.present && !declaration->every_up.script.argv)
        PROBLEM(declaration->every_up.origin,
                "[EveryUp] without Script=: add the command that runs after all steps up");
    r = items_add_missing(&declaration->old_units, &declaration->units, settings->lost_old_units,
                          whole);
    if (r == 0)
        r = declaration_read_units(declaration, !says_early(settings));
    if (r < 0)
        return r;
    if (valid)
        check_old_units(declaration);
    check_mixtures(declaration);
    check_readers(declaration);
    check_former(declaration);
    check_directories(declaration);
    ITEMS_FOREACH (item, &declaration->excludes)
        check_exclude(declaration, item);
    return declaration->version.value ? check_globs(declaration) : 0;
}

int migration_parse(Declaration *declaration, Migration *migration, const Settings *settings)
{
    Origin whole = {migration->file, 0};
    size_t known = declaration->problems.n_items;
    int r;

    migration->linear = true;
    r = parse_section(declaration, settings, SECTION_MIGRATION, migration);
    if (r == 0)
        r = parse_hooks(declaration, settings, SECTION_UP, &migration->up);
    if (r == 0)
        r = parse_hooks(declaration, settings, SECTION_DOWN, &migration->down);
    if (r < 0 || !settings->complete || declaration->problems.n_items > known)
        return r;
    if (!settings->sections[SECTION_MIGRATION].file)
        PROBLEM(whole, "no [Migration] section: add it");
    else if (!migration->to_origin.file)
        PROBLEM(whole, "no To= in [Migration]: add it");
    if (!migration->up.present && !migration->down.present)
        PROBLEM(whole, "neither [Up] nor [Down]: add one of them");
    if (migration->up.present && !migration->up.script.argv)
        PROBLEM(migration->up.origin, "[Up] without Script=: add it");
    if (migration->down.present && !migration->down.script.argv && !migration->down.warnings)
        PROBLEM(migration->down.origin,
                "[Down] without Script= and Warn=: add Script=, or a Warn= that says why there is "
                "no way back");
    hooks_check(declaration, &migration->up, "Up");
    hooks_check(declaration, &migration->down, "Down");
    if (migration->linear && migration->to.n_tests > 0 && !version_range_exact(&migration->to))
        PROBLEM(migration->to_origin, "To= is a comparison and needs From=: add it");
    return 0;
}
