/* SPDX-License-Identifier: MIT */
/* Compares the spellings and the resolved paths. */
#include "declare/data-path.h"

/* Resolves path as far as it exists, and appends the missing rest. The caller owns the string;
 * NULL: path cannot be resolved. */
static char *resolve(const char *path)
{
    _cleanup_free_ char *head = strdup(path), *real = NULL;

    while (head && head[0]) {
        char *slash;

        real = realpath(head, NULL);
        if (real)
            return strprintf("%s%s", streq(real, "/") ? "" : real, path + strlen(head));
        slash = strrchr(head, '/');
        if (!slash)
            return NULL;
        *slash = '\0';
    }
    return NULL;
}

static bool is_within(const char *path, const char *real, const char *directory)
{
    _cleanup_free_ char *real_directory = NULL;

    if (path_is_within(path, directory) || (real && path_is_within(real, directory)))
        return true;
    real_directory = resolve(directory);
    return real_directory && !streq(real_directory, "/") &&
           (path_is_within(path, real_directory) || (real && path_is_within(real, real_directory)));
}

static bool is_within_any(const char *path, const char *real, const Items *directories,
                          size_t first)
{
    for (size_t i = first; i < directories->n_items; i++)
        if (is_within(path, real, directories->items[i].value))
            return true;
    return false;
}

bool path_is_state(const Declaration *declaration, const char *path)
{
    _cleanup_free_ char *real = resolve(path);

    /* Skips the directories of own stamps: one may be the store, which also has waybacks. */
    return is_within_any(path, real, &declaration->directories, 0) ||
           is_within_any(path, real, &declaration->former_directories, 0) ||
           is_within_any(path, real, &declaration->read_write_paths, 0) ||
           is_within_any(path, real, &declaration->stamps, declaration->n_own_stamps);
}

bool path_is_data(const Declaration *declaration, const char *path)
{
    static const char *const passing[] = {"/dev", "/proc",    "/run",    "/sys",
                                          "/tmp", "/var/run", "/var/tmp"};

    for (size_t i = 0; i < ELEMENTSOF(passing); i++)
        if (path_is_within(path, passing[i]))
            return true;
    return path_is_state(declaration, path);
}
