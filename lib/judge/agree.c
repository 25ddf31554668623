/* SPDX-License-Identifier: MIT */
/* Compares the stamps of the directories of a state. */
#include "judge/agree.h"

static bool is_only(const StateDirectory *directory, const char *stamp)
{
    return strv_length(directory->stamps.versions) == 1 &&
           streq(directory->stamps.versions[0], stamp);
}

static const char *find_between(char *const *versions)
{
    STRV_FOREACH (version, (char **)versions)
        if (strchr(*version, ':'))
            return *version;
    return NULL;
}

/* Returns the first host stamp that differs, if all of the service's own directories agree. */
static const StateDirectory *find_moved(const StateDirectory *directories, size_t n)
{
    char **own = directories[0].stamps.versions;
    const StateDirectory *moved = NULL;

    if (strv_length(own) != 1)
        return NULL;
    for (size_t i = 1; i < n; i++) {
        if (is_only(directories + i, own[0]))
            continue;
        if (!directories[i].host)
            return NULL;
        moved = moved ? moved : directories + i;
    }
    return moved;
}

/* Returns the first directory with a host stamp, if all own directories are empty. */
static const StateDirectory *find_left(const StateDirectory *directories, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const StateDirectory *directory = directories + i;

        if (directory->host ? directory->stamps.versions != NULL
                            : !directory->stamps.empty || directory->stamps.versions)
            return directory->host ? directory : NULL;
    }
    return NULL;
}

Agreement stamps_agree(const StateDirectory *directories, size_t n,
                       const StateDirectory **ret_directory, const char **ret_stamp)
{
    const char *stamp = NULL;
    bool agree = true, any = false;

    for (size_t i = 0; i < n; i++) {
        char **versions = directories[i].stamps.versions;

        stamp = i == 0 && versions ? versions[0] : stamp;
        any = any || versions;
        agree = agree && stamp && is_only(directories + i, stamp);
    }
    if (!any)
        return AGREEMENT_NONE;
    *ret_stamp = stamp;
    if (agree && version_is_valid(stamp))
        return AGREEMENT_VERSION;
    if (agree && version_self_target(stamp))
        return AGREEMENT_SELF;
    for (size_t i = 0; i < n; i++) {
        *ret_stamp = find_between(directories[i].stamps.versions);
        *ret_directory = directories + i;
        if (*ret_stamp)
            return AGREEMENT_BETWEEN;
    }
    *ret_directory = find_moved(directories, n);
    if (*ret_directory)
        return AGREEMENT_MOVED;
    *ret_directory = find_left(directories, n);
    return *ret_directory ? AGREEMENT_LEFT : AGREEMENT_BROKEN;
}

char *directories_describe(const StateDirectory *directories, size_t n)
{
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < n; i++) {
        const StateDirectory *directory = directories + i;
        _cleanup_free_ char *versions = stamps_describe(&directory->stamps);

        string_append(&s, i > 0 ? ", " : "");
        if (directory->host)
            string_appendf(&s, "the part in %s, ", directory->host);
        string_appendf(&s, "%s ", directory->directory);
        if (directory->error)
            string_append(&s,
                          directory->error == -ENOENT ? "is missing" : strerror(-directory->error));
        else if (directory->stamps.versions)
            string_appendf(&s, "is at %s", versions ? versions : "?");
        else
            string_append(&s, directory->stamps.empty && !directory->host ? "is empty"
                                                                          : "has no stamp");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}
