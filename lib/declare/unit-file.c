/* SPDX-License-Identifier: MIT */
/* Reads unit files as far as a declaration depends on them: which services a socket, timer or path
 * starts, and whether a service is early. The generator cannot ask PID 1, so it reads the files. If
 * several files set a key, all values count: a needless gate is noticed, a missing gate is not. */
#include "declare/unit-file.h"

#include "declare/private.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

#define UNIT_FILE_MAX (1U << 20)

static const char *const directories[] = {
    "/etc/systemd/system",          "/run/systemd/system",        "/run/systemd/transient",
    "/run/systemd/generator.early", "/run/systemd/generator",     "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",      "/lib/systemd/system",        "/run/systemd/generator.late",
};

/* Returns the template of an instance, or a copy of the name. */
static char *template_of(const char *unit)
{
    const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

    return at && at < dot ? strprintf("%.*s%s", (int)(at + 1 - unit), unit, dot) : strdup(unit);
}

/* Joins lines that end in a backslash with the next line, except comments. */
static void join_lines(char *text)
{
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        while (end > line && end[-1] == '\\' && !strchr("#;", line[strspn(line, " \t")])) {
            end[-1] = *end = ' ';
            end = strchr(end, '\n');
            if (!end)
                return;
        }
}

int unit_file_parse(char *text, const char *key, char ***values)
{
    char *lines = NULL;

    join_lines(text);
    for (char *line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        char *equals = strchr(line, '=');

        if (!equals)
            continue;
        *equals = '\0';
        line = strstrip_in_place(line);
        equals = strstrip_in_place(equals + 1);
        if (key ? streq(line, key) && strv_append(values, equals) < 0
                : *line != '#' && *line != ';' &&
                      strv_consume(values, strprintf("%s=%s", line, equals)) < 0)
            return -ENOMEM;
    }
    return 1;
}

/* Appends the values of key in one file. Returns 1 if the file exists, 0 or -ENOMEM. */
static int read_values(const char *path, const char *key, char ***values)
{
    _cleanup_free_ char *text = NULL;
    struct stat st;
    int r = read_file_at(AT_FDCWD, path, UNIT_FILE_MAX, &text, NULL);

    if (r < 0) /* a mask, or an alias that leads out of root */
        return r == -ENOMEM ? r : lstat(path, &st) == 0;
    return unit_file_parse(text, key, values);
}

static int read_drop_ins(const char *path, const char *key, char ***values)
{
    _cleanup_closedir_ DIR *dir = opendir(path);
    int r = 0;

    for (struct dirent *de; dir && r >= 0 && (de = readdir(dir));) {
        _cleanup_free_ char *file = strprintf("%s/%s", path, de->d_name);

        r = !file ? -ENOMEM : endswith(file, ".conf") ? read_values(file, key, values) : 0;
    }
    return MIN(r, 0);
}

typedef int Read(const char *path, const char *key, char ***values);

/* Calls read for the paths of a unit, and of its template, until it returns a positive number. */
static int read_paths(Read *read, const char *suffix, const char *root, const char *unit,
                      const char *key, char ***values)
{
    _cleanup_free_ char *template = template_of(unit);
    const char *names[] = {unit, template};
    int r = template ? 0 : -ENOMEM;

    for (size_t n = 0; r == 0 && n < (streq(unit, template) ? 1 : ELEMENTSOF(names)); n++)
        for (size_t d = 0; r == 0 && d < ELEMENTSOF(directories); d++) {
            _cleanup_free_ char *path =
                strprintf("%s%s/%s%s", root, directories[d], names[n], suffix);

            r = path ? read(path, key, values) : -ENOMEM;
        }
    return r;
}

int unit_drop_ins_read(const char *root, const char *unit, const char *key, char ***values)
{
    return read_paths(read_drop_ins, ".d", root, unit, key, values);
}

int unit_file_read(const char *root, const char *unit, const char *key, char ***values)
{
    int found = read_paths(read_values, "", root, unit, key, values),
        r = found < 0 ? found : unit_drop_ins_read(root, unit, key, values);

    return r < 0 ? r : found;
}

/* Says whether the unit file is a link to the file of another unit, and so another name of it. */
static bool is_alias(int dir_fd, const char *name, const char *suffix)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);
    const char *slash;

    target[n < 0 ? 0 : n] = '\0';
    slash = strrchr(target, '/');
    return endswith(target, suffix) && !streq(slash ? slash + 1 : target, name);
}

int unit_files_list(const char *root, const char *suffix, char ***names)
{
    int r = 0;

    for (size_t d = 0; d < ELEMENTSOF(directories); d++) {
        _cleanup_free_ char *path = strprintf("%s%s", root, directories[d]);
        _cleanup_closedir_ DIR *dir = path ? opendir(path) : NULL;

        for (struct dirent *de; path && dir && r == 0 && (de = readdir(dir));)
            if (endswith(de->d_name, suffix) && !is_alias(dirfd(dir), de->d_name, suffix))
                r = strv_append_once(names, de->d_name);
        if (!path || r < 0)
            return -ENOMEM;
    }
    strv_sort(*names);
    return 0;
}

char *unit_of_mount(const char *path)
{
    _cleanup_string_ String s = {};
    char *name;

    for (const char *p = path + 1; *p; p++)
        if (isalnum((unsigned char)*p) || strchr(":_", *p) || (*p == '.' && p > path + 1))
            string_appendf(&s, "%c", *p);
        else if (*p == '/')
            string_append(&s, "-");
        else
            string_appendf(&s, "\\x%02x", (unsigned char)*p);
    string_append(&s, ".mount");
    return string_finish(&s, &name) < 0 ? NULL : name;
}

/* --- what sockets, timers and paths start ----------------------------------------------------- */

char *unit_expand(const char *text, const char *unit)
{
    const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
    const int length = (int)(dot - unit), prefix = at ? (int)(at - unit) : length;
    _cleanup_string_ String s = {};
    char *expanded;

    for (const char *p = text; *p; p++)
        if (startswith(p, "%i"))
            string_appendf(&s, "%.*s", at ? length - prefix - 1 : 0, unit + prefix + (at != NULL)), p++;
        else if (startswith(p, "%p"))
            string_appendf(&s, "%.*s", prefix, unit), p++;
        else if (startswith(p, "%n"))
            string_append(&s, unit), p++;
        else if (startswith(p, "%N"))
            string_appendf(&s, "%.*s", length, unit), p++;
        else if (startswith(p, "%%"))
            string_append(&s, "%"), p++;
        else
            string_appendf(&s, "%c", *p);
    return string_finish(&s, &expanded) < 0 ? NULL : expanded;
}

/* Says whether one of the values is a boolean that equals wanted. */
static bool any_boolean(char **values, int wanted)
{
    STRV_FOREACH (value, values)
        if (parse_boolean(*value) == wanted)
            return true;
    return false;
}

/* Appends the services that a socket, timer or path starts. With Accept=yes, a socket starts an
 * instance of the template of its name for each connection: see systemd.socket(5). */
static int find_activated(const char *root, const char *unit, char ***names)
{
    const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
    const bool is_socket = endswith(unit, ".socket");
    _cleanup_strv_ char **services = NULL, **accepts = NULL;
    _cleanup_free_ char *template = strprintf("%.*s@.service", (int)((at ? at : dot) - unit), unit);
    int r = template ? unit_file_read(root, unit, is_socket ? "Service" : "Unit", &services) : -ENOMEM;
    bool found = r > 0, accept;

    if (r >= 0 && is_socket)
        r = unit_file_read(root, unit, "Accept", &accepts);
    /* A missing socket may be generated later, by another program, with Accept=yes. */
    accept = is_socket && (any_boolean(accepts, 1) || (!found && !at));
    if (r >= 0 && accept)
        r = strv_append_once(names, template);
    if (r >= 0 && !services && !(accept && found))
        r = strv_append(&services, "%N.service");
    STRV_FOREACH (service, services) {
        _cleanup_free_ char *name = r < 0 ? NULL : unit_expand(*service, unit);

        if (!name)
            return -ENOMEM;
        if (unit_is_user(name))
            r = unit_names_find(name, names);
    }
    return MIN(r, 0);
}

static int add_activated(const char *root, const Items *units, const Items *others, Items *ret)
{
    for (size_t i = 0; i < units->n_items; i++) {
        const Item item = units->items[i];
        _cleanup_strv_ char **names = NULL;
        int r = unit_is_user(item.value) ? 0 : find_activated(root, item.value, &names);

        if (r == 0)
            r = items_add_missing(ret, others, names, item.origin);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Notes whether a service is early, because a migration after basic.target would make an ordering
 * cycle, and whether the service stays active after its start, unlike a oneshot. */
static int read_user(const char *root, const char *unit, bool may_be_early,
                     Declaration *declaration)
{
    _cleanup_strv_ char **early = NULL, **types = NULL;
    int r = unit_file_read(root, unit, "DefaultDependencies", &early);

    declaration->early = declaration->early || (may_be_early && any_boolean(early, 0));
    if (r > 0)
        r = unit_file_read(root, unit, "Type", &types);
    if (r > 0 && !strv_contains(types, "oneshot") && !unit_is_template(unit))
        r = item_add(&declaration->lasting, unit, (Origin){declaration->file, 0});
    return MIN(r, 0);
}

int declaration_read_units(Declaration *declaration, bool may_be_early)
{
    _cleanup_free_ char *root = strndup(declaration->file, declaration->root_length);
    Items *units = &declaration->units, *old = &declaration->old_units;
    const char *unit;
    bool is_old;
    int r = root ? add_activated(root, units, units, &declaration->activated) : -ENOMEM;

    if (r == 0)
        r = add_activated(root, old, units, old);
    if (r == 0 && (!declaration_user(declaration, 0, &is_old) || is_old)) {
        _cleanup_free_ char *service = strprintf("%s.service", declaration->name);

        r = service ? item_add(&declaration->activated, service, (Origin){declaration->file, 0})
                    : -ENOMEM;
    }
    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, NULL)); i++)
        r = read_user(root, unit, may_be_early, declaration);
    return r;
}
