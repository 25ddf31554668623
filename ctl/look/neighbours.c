/* SPDX-License-Identifier: MIT */
/* Finds services that use a state without a declaration, by their unit files. A migration does not
 * stop such a service, and does not run while the service has a file of the state open. */
#include "look/neighbours.h"

#include "declare/unit-file.h"
#include "place/command.h"
#include "terminal/options.h"

#include <pwd.h>

typedef struct Neighbours {
    const Declaration *declaration;
    uid_t user; /* of the state; 0: not looked for */
} Neighbours;

/* Says whether path is in the state. A relative path counts as below /var/lib. */
static bool is_inside(const Declaration *declaration, const char *path, const char *unit)
{
    _cleanup_free_ char *expanded = unit_expand(path, unit);
    _cleanup_free_ char *full =
        expanded ? strprintf("%s%s", *expanded == '/' ? "" : "/var/lib/", expanded) : NULL;

    ARRAY_FOREACH (directory, declaration->directories.items, declaration->directories.n_items)
        if (full && path_is_within(full, directory->value))
            return true;
    return false;
}

/* Says whether a word of value is a path in the state; in "/var/lib/app:/mnt" the first path. */
static bool names_state(const Declaration *declaration, const char *value, const char *unit)
{
    _cleanup_free_ char *copy = strdup(value);
    char *words = NULL;

    for (char *word = copy ? strtok_r(copy, " \t\"'=,;", &words) : NULL; word;
         word = strtok_r(NULL, " \t\"'=,;", &words)) {
        word += strspn(word, "-+");
        word[strcspn(word, ":")] = '\0';
        if (is_inside(declaration, word, unit))
            return true;
    }
    return false;
}

static bool is_same_user(const Neighbours *neighbours, const char *value)
{
    const struct passwd *user =
        neighbours->user && value[strspn(value, "0123456789")] ? getpwnam(value) : NULL;

    return neighbours->user && (user ? user->pw_uid == neighbours->user
                                     : strtoul(value, NULL, 10) == neighbours->user);
}

static bool uses_state(const Neighbours *neighbours, const char *line, const char *unit)
{
    static const char *const paths[] = {"StateDirectory=", "ReadWritePaths=", "BindPaths=",
                                        "WorkingDirectory="};
    const char *value = strchr(line, '=') + 1;

    if (startswith(line, "User="))
        return is_same_user(neighbours, value);
    if (startswith(line, "Exec") && *value) /* relative words are no paths */
        return strchr(value, '/') && names_state(neighbours->declaration, strchr(value, '/'), unit);
    for (size_t i = 0; i < ELEMENTSOF(paths); i++)
        if (startswith(line, paths[i]))
            return names_state(neighbours->declaration, value, unit);
    return false;
}

/* Says whether a declaration names the unit, or an instance of it; true for units of this
 * project. */
static bool is_declared(const Declarations *all, const char *unit)
{
    const char *user;

    if (startswith(unit, "migrate@") || startswith(unit, "migrate-"))
        return true;
    ARRAY_FOREACH (declaration, all->items, all->n_items)
        for (size_t i = 0; (user = declaration_user(declaration, i, NULL)); i++)
            if (streq(user, unit) || (unit_is_template(unit) &&
                                      strncmp(user, unit, strcspn(unit, "@") + 1) == 0))
                return true;
    return false;
}

int neighbours_find(const Declarations *all, const Declaration *declaration, char ***ret)
{
    const char *root = options.root ? options.root : "";
    Neighbours neighbours = {.declaration = declaration};
    _cleanup_strv_ char **units = NULL, **texts = NULL;
    int r = unit_files_list(root, ".service", &units);

    if (options.root || command_user(declaration, &neighbours.user) < 0)
        neighbours.user = 0;
    STRV_FOREACH (unit, units) {
        _cleanup_strv_ char **lines = NULL;
        const char *found = NULL;

        if (r < 0 || is_declared(all, *unit))
            continue;
        r = unit_file_read(root, *unit, NULL, &lines);
        for (char **line = lines; line && *line && !found; line++)
            found = uses_state(&neighbours, *line, *unit) ? *line : NULL;
        if (r >= 0 && found)
            r = strv_consume(&texts,
                             strprintf("%s has %s, so it may use the state, and is not declared: "
                                       "a migration does not run while it has a file open. If it "
                                       "writes there, add Unit=%s",
                                       *unit, found, *unit));
    }
    if (r < 0)
        return r;
    *ret = TAKE_PTR(texts);
    return 0;
}
