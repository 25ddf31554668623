/* SPDX-License-Identifier: MIT */
/* The record of what is remembered. */
#include "store/known.h"

#include "basic/result.h"

void known_free(Known *known)
{
    free(known->version);
    strv_free(known->directories);
    strv_free(known->former);
    *known = (Known){};
}

const char *history_last_version(json_object *history)
{
    for (size_t i = history ? json_object_array_length(history) : 0; i > 0; i--) {
        json_object *entry = json_object_array_get_idx(history, i - 1);
        const char *to = json_string(entry, "to");

        if (!streq_null(json_string(entry, "result"), result_name(RESULT_DONE)))
            continue;
        if (streq_null(json_string(entry, "action"), ACTION_FORGOTTEN))
            return NULL;
        if (to)
            return to;
    }
    return NULL;
}

static int take(Known *known, const char *version)
{
    known->version = version ? strdup(version) : NULL;
    return version && !known->version ? -ENOMEM : 0;
}

int known_read(const Store *store, Known *ret)
{
    _cleanup_json_ json_object *record = NULL, *history = NULL;
    _cleanup_(known_free) Known known = {};
    int r, found;

    found = record_read(store, RECORD_KNOWN, &record);
    if (found < 0 && found != -EBADMSG)
        return found;
    r = history_read(store, &history);
    if (r < 0)
        return r;
    /* One that is damaged still says that there was a state. */
    if (found == 1 && !history_last_version(history))
        return 1;
    r = take(&known, found == 0 && json_string(record, "version") ? json_string(record, "version")
                                                                  : history_last_version(history));
    if (r == 0 && found == 0 && json_strv(record, "directories", &known.directories) == -ENOMEM)
        r = -ENOMEM;
    if (r == 0 && found == 0 && json_strv(record, "former", &known.former) == -ENOMEM)
        r = -ENOMEM;
    if (r < 0)
        return r;
    *ret = known;
    known = (Known){};
    return 0;
}

static bool strv_equal(char *const *a, char *const *b)
{
    size_t n = strv_length(a);

    if (n != strv_length(b))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!streq(a[i], b[i]))
            return false;
    return true;
}

/* Is just this on disk? */
static bool is_written(const Store *store, const char *version, char *const *directories)
{
    _cleanup_json_ json_object *record = NULL;
    _cleanup_strv_ char **known = NULL;

    if (record_read(store, RECORD_KNOWN, &record) != 0 ||
        json_strv(record, "directories", &known) < 0)
        return false;
    return streq_null(json_string(record, "version"), version) && strv_equal(known, directories);
}

static int write_known(const Store *store, const char *version, char *const *directories,
                       char *const *former)
{
    _cleanup_json_ json_object *record = json_object_new_object();

    if (!record)
        return -ENOMEM;
    json_add_string(record, "version", version);
    json_add_strv(record, "directories", directories);
    json_add_strv(record, "former", former);
    return record_write(store, RECORD_KNOWN, record);
}

int known_write(const Store *store, const char *version, char *const *directories)
{
    _cleanup_(known_free) Known known = {};
    int r;

    if (is_written(store, version, directories))
        return 0;
    r = known_read(store, &known);
    return r < 0 ? r : write_known(store, version, directories, known.former);
}

int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former)
{
    _cleanup_(known_free) Known known = {};
    _cleanup_strv_ char **all = NULL;
    int r = known_read(store, &known);

    if (r >= 0 && former)
        r = strv_append(&all, former);
    STRV_FOREACH (one, known.former)
        if (r >= 0 && !strv_contains(directories, *one) && !strv_contains(all, *one))
            r = strv_append(&all, *one);
    return r < 0 ? r : write_known(store, version, directories, all);
}
