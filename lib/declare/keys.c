/* SPDX-License-Identifier: MIT */
/* Has the keys of each section and the parsers of their values, in tables. Parses one setting at a
 * time. */
#include "basic/time.h"
#include "declare/command.h"
#include "declare/private.h"

#include <assert.h>
#include <limits.h>

/* A function that parses the value of a key into the field at target. */
typedef int (*Parser)(Declaration *declaration, void *target, const Setting *setting);

typedef struct Key {
    const char *name;
    bool list;
    Parser parse;
    size_t offset; /* offset in Declaration, Hooks or Migration */
    /* The names of an enum's values, from 0 on; parse is then NULL. */
    const char *const *choices;
} Key;

int item_add(Items *items, const char *value, Origin origin)
{
    char *copy = strdup(value);
    Item *item = copy ? ARRAY_GROW(items->items, items->n_items) : NULL;

    if (!item) {
        free(copy);
        return -ENOMEM;
    }
    *item = (Item){copy, origin};
    return 0;
}

static int item_set(Item *item, const char *value, Origin origin)
{
    item->origin = origin;
    return strreplace(&item->value, value);
}

#define PROBLEM(...) problem_add(&declaration->problems, setting->origin, __VA_ARGS__)

static int parse_string(Declaration *declaration, void *target, const Setting *setting)
{
    return strreplace(target, setting->value);
}

static int parse_warning(Declaration *declaration, void *target, const Setting *setting)
{
    return strv_append(target, setting->value);
}

static bool version_is_good(Declaration *declaration, const Setting *setting)
{
    bool valid = version_is_valid(setting->value);

    if (!valid)
        PROBLEM("%s=%s is not a valid version: use letters, digits, '.', '_', '+', '-', '~' and "
                "'^', at most %d characters",
                setting->key, setting->value, VERSION_LENGTH_MAX);
    return valid;
}

static int parse_version_item(Declaration *declaration, void *target, const Setting *setting)
{
    return version_is_good(declaration, setting) ? item_set(target, setting->value, setting->origin)
                                                 : 0;
}

static int parse_version_items(Declaration *declaration, void *target, const Setting *setting)
{
    return version_is_good(declaration, setting) ? item_add(target, setting->value, setting->origin)
                                                 : 0;
}

/* Makes path canonical in place. Returns why the path cannot be used, or NULL. The path becomes
 * part of an AssertPathExistsGlob=, so characters with a meaning in a glob or for systemd are
 * refused. */
static const char *path_refused(char *path)
{
    size_t length = 0;

    if (path[0] != '/')
        return "is not an absolute path: begin it with '/'";
    if (strpbrk(path, "*?[]{}\\\"',"))
        return "contains one of the characters * ? [ ] { } \\ \" ' , which systemd does not take "
               "literally: use a path without them";
    for (char *p = path; *p;) {
        size_t part;

        p += strspn(p, "/");
        part = strcspn(p, "/");
        if (part == 0)
            break;
        if (part > NAME_MAX)
            return "contains a name of more than 255 bytes: use a shorter one";
        if ((part == 1 && p[0] == '.') || (part == 2 && p[0] == '.' && p[1] == '.'))
            return "contains '.' or '..': write the path without them";
        path[length++] = '/';
        memmove(path + length, p, part);
        length += part;
        p += part;
    }
    if (length == 0)
        return "is the root directory: declare a directory below it";
    path[length] = '\0';
    if (length > 3500)
        return "is too long: use at most 3500 bytes";
    return NULL;
}

static int parse_path_items(Declaration *declaration, void *target, const Setting *setting)
{
    _cleanup_free_ char *path = strdup(setting->value);
    const char *refused;

    if (!path)
        return -ENOMEM;
    refused = path_refused(path);
    if (refused) {
        PROBLEM("%s=%s %s", setting->key, setting->value, refused);
        return 0;
    }
    return item_add(target, path, setting->origin);
}

static int parse_path(Declaration *declaration, void *target, const Setting *setting)
{
    int r = strreplace(target, setting->value);
    const char *refused = r == 0 ? path_refused(*(char **)target) : NULL;

    if (refused)
        PROBLEM("%s=%s %s", setting->key, setting->value, refused);
    return r;
}

#define UNIT_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@-"

/* A unit name of 255 bytes would leave no room for ".d". */
#define UNIT_NAME_MAX 253

static bool unit_can_be_gated(const char *unit)
{
    static const char *const types[] = {".service", ".socket", ".timer", ".path"};
    const char *dot = strrchr(unit, '.');

    for (size_t i = 0; dot && i < ELEMENTSOF(types); i++)
        if (streq(dot, types[i]))
            return dot != unit && dot[-1] != '@';
    return false;
}

int unit_names_find(const char *text, char ***names)
{
    static const char separators[] = " \t\r\n,\"'";

    for (const char *p = text + strspn(text, separators); *p && !strchr(";#", *p);
         p += strspn(p, separators)) {
        size_t length = strcspn(p, separators);
        _cleanup_free_ char *name = NULL;
        int r;

        name = strprintf(memchr(p, '.', length) ? "%.*s" : "%.*s.service", (int)length, p);
        if (!name)
            return -ENOMEM;
        p += length;
        if (strspn(name, UNIT_CHARACTERS) != strlen(name) || strlen(name) > UNIT_NAME_MAX ||
            !unit_can_be_gated(name))
            continue;
        r = strv_append_once(names, name);
        if (r < 0)
            return r;
    }
    return 0;
}

int items_add_missing(Items *items, const Items *others, char *const *values, Origin origin)
{
    for (; values && *values; values++)
        if (!items_contain(items, *values) && !items_contain(others, *values)) {
            int r = item_add(items, *values, origin);

            if (r < 0)
                return r;
        }
    return 0;
}

/* Returns why a unit cannot be declared, or NULL. */
static const char *unit_refused(const char *unit)
{
    const char *dot = strrchr(unit, '.'), *at = strchr(unit, '@');

    if (strspn(unit, UNIT_CHARACTERS) != strlen(unit) || !dot || dot == unit || !dot[1])
        return " is not a valid unit name: write one such as 'name.service'";
    if (streq(dot, ".target"))
        return ": a target cannot hold back the units that it wants: name those units";
    if (at && at + 1 == dot)
        return " is a template: name its instances, such as 'name@one.service'";
    if (!unit_can_be_gated(unit))
        return ": a unit of this type cannot be held back: use .service, .socket, .timer or .path";
    if (strlen(unit) > UNIT_NAME_MAX)
        return " is too long for a drop-in: use at most 253 bytes";
    return NULL;
}

static int parse_unit_items(Declaration *declaration, void *target, const Setting *setting)
{
    const char *refused = unit_refused(setting->value);
    _cleanup_strv_ char **names = NULL;
    int r;

    if (!refused)
        r = strv_append(&names, setting->value);
    else {
        PROBLEM("%s=%s%s", setting->key, setting->value, refused);
        r = unit_names_find(setting->value, &names);
    }
    return r < 0 ? r : items_add_missing(target, target, names, setting->origin);
}

static int parse_user(Declaration *declaration, void *target, const Setting *setting)
{
    if (strspn(setting->value,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
            strlen(setting->value) ||
        setting->value[0] == '-') {
        PROBLEM("%s=%s is not a valid user or group: write a name or a number", setting->key,
                setting->value);
        return 0;
    }
    return parse_string(declaration, target, setting);
}

static int parse_command(Declaration *declaration, void *target, const Setting *setting)
{
    Command *command = target;
    const char *what = NULL;
    char **argv = NULL;
    int r;

    r = command_parse(setting->value, &argv, &what);
    if (r == -EINVAL) {
        PROBLEM("%s=: %s", setting->key, what);
        return 0;
    }
    if (r < 0)
        return r;
    strv_free(command->argv);
    *command = (Command){argv, setting->origin};
    return 0;
}

static const char *const policies[] = {"automatic", "confirm", "manual", NULL};
static const char *const downgrades[] = {"refuse", "script", "restore", "script-or-restore", NULL};
static const char *const gaps[] = {"refuse", "allow", NULL};
static const char *const max_skips[] = {"major", "minor", NULL};
static const char *const protections[] = {"clone", "in-place", "hooks", NULL};
static const char *const stamp_places[] = {"directory", "store", NULL};

static int parse_choice(Declaration *declaration, void *target, const Setting *setting,
                        const char *const *choices)
{
    _cleanup_free_ char *known = NULL;
    int chosen = 0;

    for (; choices[chosen]; chosen++)
        if (streq(choices[chosen], setting->value)) {
            *(int *)target = chosen;
            return 0;
        }
    known = strv_join((char *const *)choices, ", ");
    if (!known)
        return -ENOMEM;
    PROBLEM("%s=%s is not valid: use one of %s", setting->key, setting->value, known);
    return 0;
}

static int parse_max_skip(Declaration *declaration, void *target, const Setting *setting)
{
    static const MaxSkip meanings[] = {MAX_SKIP_MAJOR, MAX_SKIP_MINOR};
    int chosen = -1, r;

    r = parse_choice(declaration, &chosen, setting, max_skips);
    if (r == 0 && chosen >= 0)
        *(MaxSkip *)target = meanings[chosen];
    return r;
}

static int parse_stamp(Declaration *declaration, void *target, const Setting *setting)
{
    int chosen = 0, r;

    r = parse_choice(declaration, &chosen, setting, stamp_places);
    *(bool *)target = chosen == 1;
    return r;
}

static int parse_yes_no(Declaration *declaration, void *target, const Setting *setting)
{
    int r = parse_boolean(setting->value);

    if (r < 0)
        PROBLEM("%s=%s is not a boolean: use yes or no", setting->key, setting->value);
    *(bool *)target = r == 1;
    return 0;
}

static int parse_copy_limit(Declaration *declaration, void *target, const Setting *setting)
{
    if (parse_size(setting->value, target) < 0)
        PROBLEM("%s=%s is not a valid size: write one such as 10G, or 'infinity'", setting->key,
                setting->value);
    return 0;
}

#define KEEP_MAX 1000000

static int parse_keep(Declaration *declaration, void *target, const Setting *setting)
{
    const char *value = setting->value;

    if (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 7 ||
        strtoull(value, NULL, 10) > KEEP_MAX)
        PROBLEM("%s=%s is not a number from 0 to %d", setting->key, value, KEEP_MAX);
    else
        *(uint64_t *)target = strtoull(value, NULL, 10);
    return 0;
}

static int parse_keep_for(Declaration *declaration, void *target, const Setting *setting)
{
    if (parse_duration(setting->value, target) < 0)
        PROBLEM("%s=%s is not a valid duration: write one such as 30d, or 'infinity'", setting->key,
                setting->value);
    return 0;
}

static int parse_timeout(Declaration *declaration, void *target, const Setting *setting)
{
    uint64_t usec;

    if (parse_duration(setting->value, &usec) < 0 || usec == 0)
        PROBLEM("%s=%s is not a valid duration: write one such as 10min, or 'infinity'",
                setting->key, setting->value);
    else
        *(uint64_t *)target = usec;
    return 0;
}

static int parse_approved(Declaration *declaration, void *target, const Setting *setting)
{
    const char *colon = strchr(setting->value, ':');
    _cleanup_free_ char *from =
        colon ? strndup(setting->value, (size_t)(colon - setting->value)) : NULL;

    if (colon && !from)
        return -ENOMEM;
    if (!colon || !version_is_valid(from) || !version_is_valid(colon + 1)) {
        PROBLEM("%s=%s is not a pair of versions: write FROM:TO", setting->key, setting->value);
        return 0;
    }
    return item_add(target, setting->value, setting->origin);
}

static bool name_is_good(Declaration *declaration, const Setting *setting)
{
    bool valid = declaration_name_is_valid(setting->value);

    if (!valid)
        PROBLEM("%s=%s is not a valid name of a declaration: write its file's name without '.ini'",
                setting->key, setting->value);
    return valid;
}

static int parse_name_item(Declaration *declaration, void *target, const Setting *setting)
{
    return name_is_good(declaration, setting) ? item_set(target, setting->value, setting->origin)
                                              : 0;
}

static int parse_name_items(Declaration *declaration, void *target, const Setting *setting)
{
    if (!name_is_good(declaration, setting))
        return 0;
    if (!items_contain(target, setting->value))
        return item_add(target, setting->value, setting->origin);
    PROBLEM("%s=%s is declared twice: remove one of the lines", setting->key, setting->value);
    return 0;
}

static int parse_range(Declaration *declaration, const Setting *setting, VersionRange *range)
{
    _cleanup_free_ char *word = NULL;
    int r;

    r = version_range_parse(setting->value, range, &word);
    if (r == -EINVAL)
        PROBLEM("%s=%s: '%s' is not valid here: write one version, or comparisons such as '>=17 "
                "<18'",
                setting->key, setting->value, word);
    return r;
}

static int parse_from(Declaration *declaration, void *target, const Setting *setting)
{
    Migration *migration = (Migration *)((char *)target - offsetof(Migration, from));
    VersionRange range;
    From *added;
    int r;

    migration->linear = false; /* even after an invalid From=, the neighbours do not count */
    r = parse_range(declaration, setting, &range);
    if (r < 0)
        return r == -EINVAL ? 0 : r;
    added = ARRAY_GROW(migration->from, migration->n_from);
    if (!added) {
        version_range_free(&range);
        return -ENOMEM;
    }
    *added = (From){range, setting->origin};
    return 0;
}

static int parse_to(Declaration *declaration, void *target, const Setting *setting)
{
    Migration *migration = (Migration *)((char *)target - offsetof(Migration, to));
    VersionRange range;
    int r;

    migration->to_origin = setting->origin;
    r = parse_range(declaration, setting, &range);
    if (r < 0)
        return r == -EINVAL ? 0 : r;
    version_range_free(&migration->to);
    migration->to = range;
    return 0;
}

/* The keys below are those of migrate.d(5). */
static const Key state_keys[] = {
    {"Version", false, parse_version_item, offsetof(Declaration, version)},
    {"Directory", true, parse_path_items, offsetof(Declaration, directories)},
    {"Within", true, parse_name_items, offsetof(Declaration, within)},
    {"Exclude", true, parse_path_items, offsetof(Declaration, excludes)},
    {"Unit", true, parse_unit_items, offsetof(Declaration, units)},
    {"OldUnit", true, parse_unit_items, offsetof(Declaration, old_units)},
    {"User", false, parse_user, offsetof(Declaration, user)},
    {"Group", false, parse_user, offsetof(Declaration, group)},
    {"Accepts", true, parse_version_items, offsetof(Declaration, accepts)},
    {"ReadableBy", true, parse_version_items, offsetof(Declaration, readable_by)},
    {"Policy", false, NULL, offsetof(Declaration, policy), policies},
    {"CopyLimit", false, parse_copy_limit, offsetof(Declaration, copy_limit)},
    {"Downgrade", false, NULL, offsetof(Declaration, downgrade), downgrades},
    {"FreshCheck", false, parse_command, offsetof(Declaration, fresh_check)},
    {"Init", false, parse_command, offsetof(Declaration, init.script)},
    {"Detect", false, parse_command, offsetof(Declaration, detect)},
    {"Unversioned", false, parse_version_item, offsetof(Declaration, unversioned)},
    {"SelfMigrating", false, parse_yes_no, offsetof(Declaration, self_migrating)},
    {"MaxSkip", false, parse_max_skip, offsetof(Declaration, max_skip)},
    {"Gaps", false, NULL, offsetof(Declaration, gaps), gaps},
    {"Protect", false, NULL, offsetof(Declaration, protect), protections},
    {"Stamp", false, parse_stamp, offsetof(Declaration, stamp_in_store)},
    {"ReadWritePaths", true, parse_path_items, offsetof(Declaration, read_write_paths)},
    {"Software", false, parse_path, offsetof(Declaration, software)},
    {"Migrations", false, parse_name_item, offsetof(Declaration, migrations_of)},
    {"FormerName", true, parse_name_items, offsetof(Declaration, former_names)},
    {"FormerDirectory", true, parse_path_items, offsetof(Declaration, former_directories)},
    {"Approved", true, parse_approved, offsetof(Declaration, approved)},
    {"Keep", false, parse_keep, offsetof(Declaration, keep)},
    {"KeepFor", false, parse_keep_for, offsetof(Declaration, keep_for_usec)},
    {},
};

static const Key migration_keys[] = {
    {"From", true, parse_from, offsetof(Migration, from)},
    {"To", false, parse_to, offsetof(Migration, to)},
    {"Description", false, parse_string, offsetof(Migration, description)},
    {},
};

static const Key hooks_keys[] = {
    {"Script", false, parse_command, offsetof(Hooks, script)},
    {"Check", false, parse_command, offsetof(Hooks, check)},
    {"Backup", false, parse_command, offsetof(Hooks, backup)},
    {"Restore", false, parse_command, offsetof(Hooks, restore)},
    {"Verify", false, parse_command, offsetof(Hooks, verify)},
    {"Post", false, parse_command, offsetof(Hooks, post)},
    {"Warn", true, parse_warning, offsetof(Hooks, warnings)},
    {"TimeoutSec", false, parse_timeout, offsetof(Hooks, timeout_usec)},
    {"External", false, parse_yes_no, offsetof(Hooks, external)},
    {},
};

static const Key *const keys_of[N_SECTIONS] = {
    [SECTION_STATE] = state_keys,         [SECTION_EVERY_UP] = hooks_keys,
    [SECTION_MIGRATION] = migration_keys, [SECTION_UP] = hooks_keys,
    [SECTION_DOWN] = hooks_keys,
};

static const Key *key_find(Section section, const char *name)
{
    for (const Key *key = keys_of[section]; key->name; key++)
        if (streq(key->name, name))
            return key;
    return NULL;
}

int setting_kind(Section section, const char *name)
{
    const Key *key;

    if (!keys_of[section])
        return 1; /* lines for a unit, in which systemd distinguishes lists and scalars */
    key = key_find(section, name);
    return key ? key->list : -ENOENT;
}

int setting_parse(Declaration *declaration, const Setting *setting, void *target)
{
    const Key *key = key_find(setting->section, setting->key);

    assert(key);
    target = (char *)target + key->offset;
    return key->choices ? parse_choice(declaration, target, setting, key->choices)
                        : key->parse(declaration, target, setting);
}
