/* SPDX-License-Identifier: MIT */
/* Checks Exclude=: each path must be below a directory of the state, and not below another
 * Exclude=. */
#include "declare/private.h"

/* Is the path in a .migrate directory, which belongs to systemd-migrate? */
static bool is_ours(const char *path)
{
    _cleanup_free_ char *slashed = strprintf("%s/", path);

    return slashed && strstr(slashed, "/.migrate/");
}

static bool is_part(const Declaration *declaration, const char *path)
{
    ARRAY_FOREACH (directory, declaration->directories.items, declaration->directories.n_items)
        if (path_is_within(path, directory->value) && !streq(path, directory->value))
            return true;
    return false;
}

/* Returns another Exclude= that already covers this one. */
static const Item *find_other(const Declaration *declaration, const Item *item)
{
    ARRAY_FOREACH (other, declaration->excludes.items, declaration->excludes.n_items) {
        if (path_is_within(item->value, other->value) && is_part(declaration, other->value) &&
            (other < item || !streq(item->value, other->value)))
            return other;
    }
    return NULL;
}

static void check_one(Declaration *declaration, const Item *item)
{
    const Item *other = find_other(declaration, item);

    if (!is_part(declaration, item->value))
        problem_add(&declaration->problems, item->origin,
                    "Exclude=%s is not below a Directory= of this state: remove it, or declare "
                    "that directory",
                    item->value);
    else if (is_ours(item->value))
        problem_add(&declaration->problems, item->origin,
                    "Exclude=%s belongs to systemd-migrate and is not part of the state: remove it",
                    item->value);
    else if (other && streq(item->value, other->value))
        problem_add(&declaration->problems, item->origin,
                    "Exclude=%s is declared twice: remove one of the lines", item->value);
    else if (other)
        problem_add(&declaration->problems, item->origin,
                    "Exclude=%s is below Exclude=%s: declare only the latter", item->value,
                    other->value);
}

void declaration_check_excludes(Declaration *declaration)
{
    for (size_t i = 0; i < declaration->excludes.n_items; i++)
        check_one(declaration, declaration->excludes.items + i);
}
