/* SPDX-License-Identifier: MIT */
/* Parses settings into the model, and checks one declaration as a whole. Reads no files. */
#include "declare/private.h"

static int parse_section(Declaration *declaration, const Settings *settings, Section section,
                         void *target)
{
    ARRAY_FOREACH (setting, settings->items, settings->n_items) {
        int r;

        if (setting->section != section)
            continue;
        r = setting_parse(declaration, setting, target);
        if (r < 0)
            return r;
    }
    return 0;
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
    ARRAY_FOREACH (setting, settings->items, settings->n_items) {
        UnitLine line = {.origin = setting->origin}, *added;
        const char *refused;

        if (setting->section != section)
            continue;
        refused =
            unit_line_refused(section == SECTION_MIGRATE_SERVICE, setting->key, setting->value);
        if (refused) {
            problem_add(&declaration->problems, setting->origin, "%s=%s in [%s] %s", setting->key,
                        setting->value,
                        section == SECTION_MIGRATE_SERVICE ? "MigrateService" : "MigrateUnit",
                        refused);
            continue;
        }
        if (streq(setting->key, "DefaultDependencies")) {
            int r = parse_boolean(setting->value);

            if (r < 0)
                problem_add(&declaration->problems, setting->origin,
                            "DefaultDependencies=%s is not a boolean: use yes or no",
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
    const Items *directories = &declaration->directories;

    for (size_t i = 0; i < directories->n_items; i++) {
        const Item *item = directories->items + i;

        if (path_is_within(item->value, STORE_DIRECTORY) ||
            path_is_within(STORE_DIRECTORY, item->value))
            problem_add(&declaration->problems, item->origin,
                        "Directory=%s overlaps systemd-migrate's own " STORE_DIRECTORY
                        ": use another directory",
                        item->value);
        for (size_t j = 0; j < directories->n_items; j++)
            if (streq(item->value, directories->items[j].value)) {
                if (j < i)
                    problem_add(&declaration->problems, item->origin,
                                "Directory=%s is declared twice: remove one of the lines",
                                item->value);
            } else if (path_is_within(item->value, directories->items[j].value))
                problem_add(&declaration->problems, item->origin,
                            "Directory=%s is below Directory=%s: declare only the latter",
                            item->value, directories->items[j].value);
    }
}

/* Sets the directories with a stamp: all directories, or the store in their place. */
static int find_stamps(Declaration *declaration)
{
    Origin whole = {declaration->file, 0};
    _cleanup_free_ char *store = NULL;

    if (declaration->directories.n_items == 0)
        declaration->stamp_in_store = true;
    declaration->n_own_stamps = 1;
    if (declaration->stamp_in_store) {
        store = strprintf(STORE_DIRECTORY "/%s", declaration->name);
        return store ? item_add(&declaration->stamps, store, whole) : -ENOMEM;
    }
    ARRAY_FOREACH (item, declaration->directories.items, declaration->directories.n_items) {
        int r = item_add(&declaration->stamps, item->value, item->origin);

        if (r < 0)
            return r;
    }
    declaration->n_own_stamps = declaration->stamps.n_items;
    return 0;
}

/* Checks a state without directories: it has only hooks, and no owner as whom scripts could run. */
static void check_protection(Declaration *declaration)
{
    Origin whole = {declaration->file, 0};

    if (declaration->directories.n_items == 0 && declaration->protect == PROTECT_IN_PLACE)
        problem_add(&declaration->problems, whole,
                    "Protect=in-place without Directory= has nothing to clone: add Directory=, or "
                    "use Protect=hooks");
    if (declaration->enabled && declaration->directories.n_items == 0 && !declaration->user)
        problem_add(&declaration->problems, whole,
                    "neither Directory= nor User= says whom scripts run as: add one of them");
    if (declaration->self_migrating && declaration->directories.n_items == 0)
        problem_add(&declaration->problems, whole,
                    "SelfMigrating=yes without Directory= keeps no original: add Directory=");
    else if (declaration->self_migrating && declaration->protect == PROTECT_HOOKS)
        problem_add(&declaration->problems, whole,
                    "SelfMigrating=yes with Protect=hooks keeps no original: remove Protect=");
    if (declaration->directories.n_items == 0 && declaration->init.script.argv)
        problem_add(&declaration->problems, declaration->init.script.origin,
                    "Init= without Directory= has no place to create a state in: add Directory=");
}

static int check_globs(Declaration *declaration)
{
    ARRAY_FOREACH (directory, declaration->stamps.items, declaration->stamps.n_items) {
        _cleanup_free_ char *glob = NULL;
        int r;

        r = declaration_glob(declaration, directory->value, &glob);
        if (r == -E2BIG)
            problem_add(&declaration->problems, directory->origin,
                        "Directory=%s with %zu accepted versions needs an assertion that is too "
                        "long for systemd (at most %d bytes, %d between two slashes): accept fewer "
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
    const Items *names = &declaration->former_names, *paths = &declaration->former_directories,
                *directories = &declaration->directories;

    for (size_t i = 0; i < names->n_items; i++)
        if (streq(names->items[i].value, declaration->name))
            problem_add(&declaration->problems, names->items[i].origin,
                        "FormerName=%s is the present name: remove the line",
                        names->items[i].value);
    if (paths->n_items > 0 && directories->n_items != 1)
        problem_add(&declaration->problems, paths->items[0].origin,
                    "FormerDirectory= needs a state of one Directory=, and this one has %zu: "
                    "remove it",
                    directories->n_items);
    for (size_t i = 0; directories->n_items == 1 && i < paths->n_items; i++) {
        const char *path = paths->items[i].value, *directory = directories->items[0].value;

        if (path_is_within(path, STORE_DIRECTORY))
            problem_add(&declaration->problems, paths->items[i].origin,
                        "FormerDirectory=%s is systemd-migrate's own: use another directory", path);
        else if (path_is_within(path, directory) || path_is_within(directory, path))
            problem_add(&declaration->problems, paths->items[i].origin,
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
        problem_add(&declaration->problems, readers->items[0].origin,
                    "ReadableBy= with several Directory= would accept a mixture of versions: add "
                    "Stamp=store");
    if (readers->n_items > 0 && declaration->within.n_items > 0)
        problem_add(&declaration->problems, readers->items[0].origin,
                    "ReadableBy= with Within= would accept a mixture of versions: remove one of "
                    "the two");
    for (size_t i = 0; version && i < readers->n_items; i++)
        if (version_compare(readers->items[i].value, version) >= 0)
            problem_add(&declaration->problems, readers->items[i].origin,
                        "ReadableBy=%s is not older than Version=%s: remove it",
                        readers->items[i].value, version);
}

/* Refuses keys that accept several versions if there are several stamps. Each stamp has an
 * assertion of its own, so a mixture of accepted versions would pass. */
static void check_mixtures(Declaration *declaration)
{
    Origin whole = {declaration->file, 0};
    const Items *accepts = &declaration->accepts, *within = &declaration->within;

    if (accepts->n_items > 0 && declaration->stamps.n_items > 1)
        problem_add(&declaration->problems, accepts->items[0].origin,
                    "Accepts= with several Directory= would accept a mixture of versions: add "
                    "Stamp=store");
    if (declaration->self_migrating && declaration->stamps.n_items > 1)
        problem_add(&declaration->problems, whole,
                    "SelfMigrating=yes with several Directory= would accept a mixture of versions: "
                    "add Stamp=store");
    if (within->n_items > 0 && declaration->self_migrating)
        problem_add(&declaration->problems, within->items[0].origin,
                    "Within= with SelfMigrating=yes would accept a mixture of versions: remove one "
                    "of the two");
    else if (within->n_items > 0 && accepts->n_items > 0)
        problem_add(&declaration->problems, within->items[0].origin,
                    "Within= with Accepts= would accept a mixture of versions: remove one of the "
                    "two");
}

static void check_old_units(Declaration *declaration)
{
    ARRAY_FOREACH (unit, declaration->old_units.items, declaration->old_units.n_items) {
        for (size_t j = 0; j < declaration->units.n_items; j++)
            if (streq(unit->value, declaration->units.items[j].value))
                problem_add(&declaration->problems, unit->origin,
                            "OldUnit=%s is also a Unit=: remove one of the lines", unit->value);
    }
}

static int parse_sections(Declaration *declaration, const Settings *settings)
{
    int r;

    declaration->copy_limit = COPY_LIMIT_DEFAULT;
    declaration->keep = KEEP_DEFAULT;
    declaration->keep_for_usec = KEEP_FOR_DEFAULT;
    declaration->init.timeout_usec = UINT64_MAX;
    for (size_t i = 0; i < settings->n_items; i++)
        if (settings->items[i].section == SECTION_STATE && streq(settings->items[i].key, "Version"))
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

int declaration_parse(Declaration *declaration, const Settings *settings)
{
    Origin whole = {declaration->file, 0};
    size_t known = declaration->problems.n_items;
    bool valid;
    int r = parse_sections(declaration, settings);

    if (r < 0)
        return r;
    if (!settings->sections[SECTION_STATE].file && settings->complete)
        problem_add(&declaration->problems, whole, "no [State] section: add it");
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
        problem_add(&declaration->problems, declaration->every_up.origin,
                    "[EveryUp] without Script=: add the command that runs after all steps up");
    r = items_add_missing(&declaration->old_units, &declaration->units, settings->lost_old_units,
                          whole);
    if (r < 0)
        return r;
    if (valid)
        check_old_units(declaration);
    check_mixtures(declaration);
    check_readers(declaration);
    check_former(declaration);
    check_directories(declaration);
    declaration_check_excludes(declaration);
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
        problem_add(&declaration->problems, whole, "no [Migration] section: add it");
    else if (!migration->to_origin.file)
        problem_add(&declaration->problems, whole, "no To= in [Migration]: add it");
    if (!migration->up.present && !migration->down.present)
        problem_add(&declaration->problems, whole, "neither [Up] nor [Down]: add one of them");
    if (migration->up.present && !migration->up.script.argv)
        problem_add(&declaration->problems, migration->up.origin, "[Up] without Script=: add it");
    if (migration->down.present && !migration->down.script.argv && !migration->down.warnings)
        problem_add(&declaration->problems, migration->down.origin,
                    "[Down] without Script= and Warn=: add Script=, or a Warn= that says why there "
                    "is no way back");
    hooks_check(declaration, &migration->up, "Up");
    hooks_check(declaration, &migration->down, "Down");
    if (migration->linear && migration->to.n_tests > 0 && !version_range_exact(&migration->to))
        problem_add(&declaration->problems, migration->to_origin,
                    "To= is a comparison and needs From=: add it");
    return 0;
}
