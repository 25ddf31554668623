/* SPDX-License-Identifier: MIT */
/* Makes the glob that matches accepted stamps, for the assertions of gates. */
#include "declare/private.h"

static bool condition_path_is_read(const char *path)
{
    if (strlen(path) > CONDITION_PATH_MAX)
        return false;
    for (; *path; path += strspn(path, "/")) {
        size_t length = strcspn(path, "/");

        if (length > CONDITION_COMPONENT_MAX)
            return false;
        path += length;
    }
    return true;
}

/* Returns version i that is accepted: 0 is Version=; further, unless NULL, is the last one. */
static const char *accepted_version(const Declaration *declaration, const char *further, size_t i)
{
    return i == 0                              ? declaration->version.value
           : i <= declaration->accepts.n_items ? declaration->accepts.items[i - 1].value
                                               : further;
}

/* Appends "DIRECTORY/STEM17," or "DIRECTORY/STEM{17,16},". If the versions do not fit between two
 * slashes, the alternative is repeated with the remaining versions. */
static void append_alternatives(String *s, const Declaration *declaration, const char *further,
                                const char *directory, const char *stem)
{
    size_t n = 1 + declaration->accepts.n_items + (further ? 1 : 0);
    /* In the glob, the first component of another path may follow in the same component. */
    size_t taken = strlen(stem) + strlen("{},") + MAX(strcspn(directory, "/"), sizeof("var") - 1);

    for (size_t first = 0, end; first < n; first = end) {
        size_t length = taken;

        for (end = first; end < n; end++) {
            length += strlen(accepted_version(declaration, further, end)) + 1;
            if (end > first && length > CONDITION_COMPONENT_MAX)
                break;
        }
        string_appendf(s, "%s/%s%s", directory, stem, end - first > 1 ? "{" : "");
        for (size_t i = first; i < end; i++)
            string_appendf(s, "%s%s", i > first ? "," : "",
                           accepted_version(declaration, further, i));
        string_append(s, end - first > 1 ? "}," : ",");
    }
}

int declaration_glob(const Declaration *declaration, const char *directory, char **ret)
{
    _cleanup_free_ char *stem = strprintf(STAMP_PREFIX "%s=", declaration->name);
    _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", declaration->name);
    _cleanup_free_ char *glob = NULL, *self = NULL;
    _cleanup_string_ String s = {};
    int r;

    /* Only this software may continue on a state that it is migrating itself. */
    if (declaration->self_migrating)
        self = strprintf("*" VERSION_SELF "%s", declaration->version.value);
    if (!stem || !store || (declaration->self_migrating && !self))
        return -ENOMEM;
    string_append(&s, "/{");
    append_alternatives(&s, declaration, self, directory + 1, stem);
    append_alternatives(&s, declaration, NULL, store + 1, "fresh=");
    r = string_finish(&s, &glob);
    if (r < 0)
        return r;
    glob[strlen(glob) - 1] = '}'; /* replaces the last comma */
    if (!condition_path_is_read(glob))
        return -E2BIG;
    *ret = TAKE_PTR(glob);
    return 0;
}
