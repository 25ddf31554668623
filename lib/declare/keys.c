/* SPDX-License-Identifier: MIT */
/* Tables of the keys of each section, with the parsers of their values. Parses one setting at a
 * time. */
#include "basic/time.h"
#include "declare/command.h"
#include "declare/private.h"

#include <assert.h>
#include <limits.h>

/* A setting, and the field that gets its value. */
typedef struct Field {
    Declaration *declaration;
    const Setting *setting;
    const char *value;
    void *target;
    bool list;                  /* target is an Items */
    const char *const *choices; /* names of an enum's values, from 0 on */
} Field;

typedef struct Key {
    const char *name;
    bool list;
    int (*parse)(const Field *field);
    size_t offset; /* offset in Declaration, Hooks or Migration */
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

/* Adds the problem "KEY=VALUE", followed by the text. Returns 0 or -ENOMEM. */
static int _printf_(2, 3) refuse(const Field *field, const char *format, ...)
{
    const Setting *setting = field->setting;
    _cleanup_free_ char *what = NULL;
    va_list ap;
    int r;

    va_start(ap, format);
    r = vasprintf(&what, format, ap);
    va_end(ap);
    if (r < 0) {
        what = NULL;
        return -ENOMEM;
    }
    problem_add(&field->declaration->problems, setting->origin, "%s=%s%s", setting->key,
                setting->value, what);
    return 0;
}

/* Appends the value to a list of items, or sets the only item. */
static int store_item(const Field *field)
{
    Item *item = field->target;

    if (field->list)
        return item_add(field->target, field->value, field->setting->origin);
    item->origin = field->setting->origin;
    return strreplace(&item->value, field->value);
}

static int parse_string(const Field *field)
{
    return strreplace(field->target, field->value);
}

static int parse_warning(const Field *field)
{
    return strv_append(field->target, field->value);
}

static int parse_version(const Field *field)
{
    if (version_is_valid(field->value))
        return store_item(field);
    return refuse(field,
                  " is not a valid version: use letters, digits, '.', '_', '+', '-', '~' "
                  "and '^', at most %d characters",
                  VERSION_LENGTH_MAX);
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

static int parse_path(const Field *field)
{
    _cleanup_free_ char *path = strdup(field->value);
    const char *refused = path ? path_refused(path) : NULL;

    if (!path)
        return -ENOMEM;
    if (refused)
        return refuse(field, " %s", refused);
    return field->list ? item_add(field->target, path, field->setting->origin)
                       : strreplace(field->target, path);
}

/* A unit name of 255 bytes would leave no room for ".d". */
#define UNIT_NAME_MAX 253

static bool unit_can_be_gated(const char *unit)
{
    const char *dot = strrchr(unit, '.');

    return dot && dot != unit && dot[-1] != '@' &&
           words_contain(".service .socket .timer .path", dot, strlen(dot));
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

static int parse_unit(const Field *field)
{
    const char *refused = unit_refused(field->value);
    _cleanup_strv_ char **names = NULL;
    int r;

    if (!refused)
        r = strv_append(&names, field->value);
    else {
        r = refuse(field, "%s", refused);
        if (r == 0)
            r = unit_names_find(field->value, &names);
    }
    return r < 0 ? r
                 : items_add_missing(field->target, field->target, names, field->setting->origin);
}

static int parse_user(const Field *field)
{
    if (field->value[0] == '-' || field->value[strspn(field->value, LETTERS DIGITS "_.-")])
        return refuse(field, " is not a valid user or group: write a name or a number");
    return parse_string(field);
}

static int parse_command(const Field *field)
{
    Command *command = field->target;
    const char *what = NULL;
    char **argv = NULL;
    int r = command_parse(field->value, &argv, &what);

    if (r == -EINVAL) {
        problem_add(&field->declaration->problems, field->setting->origin, "%s=: %s",
                    field->setting->key, what);
        return 0;
    }
    if (r < 0)
        return r;
    strv_free(command->argv);
    *command = (Command){argv, field->setting->origin};
    return 0;
}

static const char *const policies[] = {"automatic", "confirm", "manual", NULL};
static const char *const downgrades[] = {"refuse", "script", "restore", "script-or-restore", NULL};
static const char *const gaps[] = {"refuse", "allow", NULL};
static const char *const max_skips[] = {"major", "minor", NULL};
static const char *const protections[] = {"clone", "in-place", "hooks", NULL};
static const char *const stamp_places[] = {"directory", "store", NULL};

static int parse_choice(const Field *field)
{
    _cleanup_free_ char *known = NULL;

    for (int i = 0; field->choices[i]; i++)
        if (streq(field->choices[i], field->value)) {
            *(int *)field->target = i;
            return 0;
        }
    known = strv_join((char *const *)field->choices, ", ");
    return known ? refuse(field, " is not valid: use one of %s", known) : -ENOMEM;
}

static int parse_stamp(const Field *field)
{
    int chosen = 0, r;
    Field place = *field;

    place.target = &chosen;
    r = parse_choice(&place);
    *(bool *)field->target = chosen == 1;
    return r;
}

static int parse_yes_no(const Field *field)
{
    int r = parse_boolean(field->value);

    *(bool *)field->target = r == 1;
    return r < 0 ? refuse(field, " is not a boolean: use yes or no") : 0;
}

static int parse_copy_limit(const Field *field)
{
    return parse_size(field->value, field->target) < 0
               ? refuse(field, " is not a valid size: write one such as 10G, or 'infinity'")
               : 0;
}

#define KEEP_MAX 1000000

static int parse_keep(const Field *field)
{
    const char *end = field->value;
    uint64_t number;

    if (strlen(field->value) > 7 || parse_number(&end, &number) < 0 || *end || number > KEEP_MAX)
        return refuse(field, " is not a number from 0 to %d", KEEP_MAX);
    *(uint64_t *)field->target = number;
    return 0;
}

static int parse_keep_for(const Field *field)
{
    return parse_duration(field->value, field->target) < 0
               ? refuse(field, " is not a valid duration: write one such as 30d, or 'infinity'")
               : 0;
}

static int parse_timeout(const Field *field)
{
    uint64_t usec;

    if (parse_duration(field->value, &usec) < 0 || usec == 0)
        return refuse(field, " is not a valid duration: write one such as 10min, or 'infinity'");
    *(uint64_t *)field->target = usec;
    return 0;
}

static int parse_approved(const Field *field)
{
    const char *colon = strchr(field->value, ':');
    _cleanup_free_ char *from =
        colon ? strndup(field->value, (size_t)(colon - field->value)) : NULL;

    if (colon && !from)
        return -ENOMEM;
    if (!colon || !version_is_valid(from) || !version_is_valid(colon + 1))
        return refuse(field, " is not a pair of versions: write FROM:TO");
    return store_item(field);
}

static int parse_name(const Field *field)
{
    if (!declaration_name_is_valid(field->value))
        return refuse(field, " is not a valid name of a declaration: write its file's name without "
                             "'.ini'");
    if (field->list && items_contain(field->target, field->value))
        return refuse(field, " is declared twice: remove one of the lines");
    return store_item(field);
}

/* Parses a range. Returns 1, 0 if the value is not valid, or -ENOMEM. */
static int parse_range(const Field *field, VersionRange *ret)
{
    _cleanup_free_ char *word = NULL;
    int r = version_range_parse(field->value, ret, &word);

    if (r == -EINVAL)
        return refuse(field,
                      ": '%s' is not valid here: write one version, or comparisons such as "
                      "'>=17 <18'",
                      word);
    return r < 0 ? r : 1;
}

static int parse_from(const Field *field)
{
    Migration *migration = field->target;
    VersionRange range;
    From *added;
    int r = parse_range(field, &range);

    migration->linear = false; /* even an invalid From= makes the migration not linear */
    if (r <= 0)
        return r;
    added = ARRAY_GROW(migration->from, migration->n_from);
    if (!added) {
        version_range_free(&range);
        return -ENOMEM;
    }
    *added = (From){range, field->setting->origin};
    return 0;
}

static int parse_to(const Field *field)
{
    Migration *migration = field->target;
    VersionRange range;
    int r = parse_range(field, &range);

    migration->to_origin = field->setting->origin;
    if (r <= 0)
        return r;
    version_range_free(&migration->to);
    migration->to = range;
    return 0;
}

/* The keys below are those of migrate.d(5). */
static const Key state_keys[] = {
    {"Version", false, parse_version, offsetof(Declaration, version)},
    {"Directory", true, parse_path, offsetof(Declaration, directories)},
    {"Within", true, parse_name, offsetof(Declaration, within)},
    {"Exclude", true, parse_path, offsetof(Declaration, excludes)},
    {"Unit", true, parse_unit, offsetof(Declaration, units)},
    {"OldUnit", true, parse_unit, offsetof(Declaration, old_units)},
    {"User", false, parse_user, offsetof(Declaration, user)},
    {"Group", false, parse_user, offsetof(Declaration, group)},
    {"Accepts", true, parse_version, offsetof(Declaration, accepts)},
    {"ReadableBy", true, parse_version, offsetof(Declaration, readable_by)},
    {"Policy", false, parse_choice, offsetof(Declaration, policy), policies},
    {"CopyLimit", false, parse_copy_limit, offsetof(Declaration, copy_limit)},
    {"Downgrade", false, parse_choice, offsetof(Declaration, downgrade), downgrades},
    {"FreshCheck", false, parse_command, offsetof(Declaration, fresh_check)},
    {"Init", false, parse_command, offsetof(Declaration, init.script)},
    {"Detect", false, parse_command, offsetof(Declaration, detect)},
    {"Unversioned", false, parse_version, offsetof(Declaration, unversioned)},
    {"SelfMigrating", false, parse_yes_no, offsetof(Declaration, self_migrating)},
    {"MaxSkip", false, parse_choice, offsetof(Declaration, max_skip), max_skips},
    {"Gaps", false, parse_choice, offsetof(Declaration, gaps), gaps},
    {"Protect", false, parse_choice, offsetof(Declaration, protect), protections},
    {"Stamp", false, parse_stamp, offsetof(Declaration, stamp_in_store), stamp_places},
    {"ReadWritePaths", true, parse_path, offsetof(Declaration, read_write_paths)},
    {"Software", false, parse_path, offsetof(Declaration, software)},
    {"Migrations", false, parse_name, offsetof(Declaration, migrations_of)},
    {"FormerName", true, parse_name, offsetof(Declaration, former_names)},
    {"FormerDirectory", true, parse_path, offsetof(Declaration, former_directories)},
    {"Approved", true, parse_approved, offsetof(Declaration, approved)},
    {"Keep", false, parse_keep, offsetof(Declaration, keep)},
    {"KeepFor", false, parse_keep_for, offsetof(Declaration, keep_for_usec)},
    {},
};

static const Key migration_keys[] = {
    {"From", true, parse_from, 0},
    {"To", false, parse_to, 0},
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
        return 1; /* lines for a unit: systemd itself distinguishes lists and scalars */
    key = key_find(section, name);
    return key ? key->list : -ENOENT;
}

int setting_parse(Declaration *declaration, const Setting *setting, void *target)
{
    const Key *key = key_find(setting->section, setting->key);

    assert(key);
    return key->parse(&(Field){declaration, setting, setting->value, (char *)target + key->offset,
                               key->list, key->choices});
}
