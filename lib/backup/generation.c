/* SPDX-License-Identifier: MIT */
/* Finds the generations of a system, and reads their declarations. */
#include "backup/generation.h"

#include "basic/directory.h"

#include <fcntl.h>
#include <sys/stat.h>

void generations_free(Generations *generations)
{
    ARRAY_FOREACH (generation, generations->items, generations->n_items) {
        free(generation->path);
        declarations_free(&generation->declarations);
    }
    free(generations->items);
    free(generations->unreadable);
    *generations = (Generations){};
}

/* Notes the first generation that cannot be read. 0 or -ENOMEM. */
static int note_unreadable(Generations *generations, const char *path, const char *why)
{
    if (!generations->unreadable)
        generations->unreadable = strprintf("cannot read '%s': %s", path, why);
    return generations->unreadable ? 0 : -ENOMEM;
}

static int read_one(Generations *generations, const char *path)
{
    Generation *generation = ARRAY_GROW(generations->items, generations->n_items);
    const Problems *problems;
    int r;

    if (!generation)
        return -ENOMEM;
    generation->path = strdup(path);
    if (!generation->path)
        return -ENOMEM;
    r = declarations_read(*path ? path : NULL, &generation->declarations);
    if (r == -ENOMEM)
        return r;
    if (r < 0)
        return note_unreadable(generations, path, strerror(-r));
    /* A directory that cannot be listed may have any declaration. */
    problems = &generation->declarations.problems;
    ARRAY_FOREACH (problem, problems->items, problems->n_items)
        if (r >= 0 && problem->file && endswith(problem->file, "/migrate.d"))
            r = note_unreadable(generations, problem->file, problem->text);
    return MIN(r, 0);
}

typedef int (*Visit)(Generations *generations, const char *path);

/* Visits the entries with this prefix and suffix. */
static int visit_all(Generations *generations, const char *directory, const char *prefix,
                     const char *suffix, Visit visit)
{
    _cleanup_free_ char *inside = strprintf("%s/.", directory);
    _cleanup_strv_ char **names = NULL;
    int r = inside ? directory_list(AT_FDCWD, inside, prefix, &names) : -ENOMEM;

    if (r == -ENOENT || r == -ENOTDIR)
        return 0;
    if (r < 0)
        return r == -ENOMEM ? r : note_unreadable(generations, directory, strerror(-r));
    STRV_FOREACH (name, names) {
        _cleanup_free_ char *path = NULL;

        if (r < 0 || **name == '.' || !endswith(*name, suffix))
            continue;
        path = strprintf("%s/%s", directory, *name);
        r = path ? visit(generations, path) : -ENOMEM;
    }
    return r;
}

/* A dangling link is skipped: its target was collected as garbage. */
static int visit_system(Generations *generations, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : note_unreadable(generations, path, strerror(errno));
    return read_one(generations, path);
}

/* Visits a generation and its specialisations. */
static int visit_generation(Generations *generations, const char *path)
{
    _cleanup_free_ char *specialisations = strprintf("%s/specialisation", path);
    int r = specialisations ? visit_system(generations, path) : -ENOMEM;

    return r == 0 ? visit_all(generations, specialisations, "", "", visit_system) : r;
}

int generations_read(const char *root, Generations *ret)
{
    static const struct {
        const char *directory, *prefix, *suffix;
    } places[] = {
        {"/run", "booted-system", ""},
        {"/run", "current-system", ""},
        {"/nix/var/nix/profiles", "system-", "-link"},
        {"/nix/var/nix/profiles/system-profiles", "", "-link"},
    };
    _cleanup_(generations_free) Generations generations = {};
    int r = read_one(&generations, root ? root : "");

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(places); i++) {
        _cleanup_free_ char *directory = strprintf("%s%s", root ? root : "", places[i].directory);

        r = directory ? visit_all(&generations, directory, places[i].prefix, places[i].suffix,
                                  visit_generation)
                      : -ENOMEM;
    }
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(generations);
    return 0;
}

const Declaration *generations_running(const Generations *generations, const char *name)
{
    return generations->n_items > 0 ? declarations_find(&generations->items[0].declarations, name)
                                    : NULL;
}

int generations_versions(const Generations *generations, const char *name, char ***ret,
                         char **reterr_what)
{
    _cleanup_strv_ char **versions = NULL;
    int r = 0;

    if (generations->unreadable) {
        *reterr_what = strdup(generations->unreadable);
        return *reterr_what ? 1 : -ENOMEM;
    }
    ARRAY_FOREACH (generation, generations->items, generations->n_items) {
        const Declaration *declaration = declarations_find(&generation->declarations, name);

        if (!declaration)
            continue;
        if (declaration_is_broken(declaration)) {
            *reterr_what = strprintf("'%s' is invalid", declaration->file);
            return *reterr_what ? 1 : -ENOMEM;
        }
        if (declaration->version.value)
            r = strv_append_once(&versions, declaration->version.value);
        for (size_t j = 0; r == 0 && j < declaration->accepts.n_items; j++)
            r = strv_append_once(&versions, declaration->accepts.items[j].value);
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(versions);
    return 0;
}
